'use strict';
const element = (id) => document.getElementById(id);
const asked = new URLSearchParams(location.search);
// The server, too, takes the last one.
const port = asked.getAll('port').pop();
const state = asked.getAll('state').pop();
let token = '';
let me = null;

element('port').textContent = port;
element('registry').textContent = new URL('..', location.href).href;

const say = (text, kind) => {
  element('said').textContent = text;
  element('said').className = kind;
};

// What an answer says of why it is no success.
const reason = async (answer) => {
  const body = await answer.json().catch(() => ({}));
  const error = body.error;
  return (error && error.message) || (typeof error === 'string' && error) || `status ${answer.status}`;
};

const ask = async (path, options) => {
  const answer = await fetch(path, {
    ...options,
    headers: { ...options.headers, Authorization: `Bearer ${token}` },
    cache: 'no-store', credentials: 'omit', redirect: 'error',
  });
  if (!answer.ok) throw new Error(await reason(answer));
  return answer.json();
};

const show = (confirm) => {
  element('ask').hidden = confirm;
  element('confirm').hidden = !confirm;
};

element('ask').addEventListener('submit', async (event) => {
  event.preventDefault();
  token = element('token').value.trim();
  if (!/^[\x21-\x7e]+$/.test(token)) {
    say('A token has no spaces and no letters beyond ASCII.', 'bad');
    return;
  }
  say('Asking the registry …', '');
  try {
    me = await ask('me', {});
  } catch (error) {
    say(`The registry does not take this token: ${error.message}`, 'bad');
    return;
  }
  const by = me.signed_in_by;
  element('user').textContent = me.username;
  element('namespaces').textContent = me.namespaces.join(', ');
  element('scopes').textContent = by.scopes.join(', ') || 'everything that you may do';
  element('expires').textContent = by.expires_at ? new Date(by.expires_at).toLocaleString() : 'it is replaced';
  element('exchange').hidden = by.kind !== 'identity';
  say('', '');
  show(true);
});

element('back').addEventListener('click', () => {
  token = '';
  element('token').value = '';
  say('', '');
  show(false);
});

element('hand-over').addEventListener('click', async () => {
  element('hand-over').disabled = true;
  try {
    if (me.signed_in_by.kind === 'identity') {
      const made = await ask('tokens', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ name: 'sign-in page' }),
      });
      token = made.token;
      me.signed_in_by.kind = 'token';
    }
    await handOver();
  } catch (error) {
    say(error.message, 'bad');
    element('hand-over').disabled = false;
  }
});

const handOver = async () => {
  let answer;
  try {
    answer = await fetch(`http://127.0.0.1:${port}/callback`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        access_token: token,
        refresh_token: token,
        state,
        user: { id: me.id, email: me.email, user_metadata: { username: me.username } },
      }),
      cache: 'no-store', credentials: 'omit', redirect: 'error',
    });
  } catch {
    throw new Error(`Nothing takes the token at port ${port} of this computer. Is the program still waiting? ` +
      'If it is, this browser keeps pages from reaching it: paste the token there instead.');
  }
  if (!answer.ok) throw new Error(`The program does not take the token: ${await reason(answer)}`);
  token = '';
  element('token').value = '';
  element('confirm').hidden = true;
  say(`Signed in as ${me.username}. You can close this page.`, 'good');
};

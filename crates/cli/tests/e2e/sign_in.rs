//! Signing in where there is a keyring, and through the registry's page in a real browser.

use std::fs::{self, File, Permissions};
use std::io::{BufRead, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Output, Stdio};

use enact_testkit::jwt::{KeyServer, SigningKey};
use enact_testkit::{
    Browser, EnactServer, Keyring, enact_command, find_official_client, skills, until,
};
use enact_types::{Clock as _, SystemClock};
use serde_json::{Value, json};

use crate::world::{Person, World, enact};

/// A registry with an account of alice's, who signs in.
struct Team {
    world: World,
    server: EnactServer,
    alice: Person,
}

impl Team {
    fn new() -> Self {
        Self::with(Vec::new())
    }

    fn with(mut env: Vec<(&'static str, String)>) -> Self {
        env.push(("ENACT_AUTH", "tokens".to_owned()));
        let world = World::new(env);
        let server = world.serve();
        let alice = world.person("alice", &server);
        let team = Self {
            world,
            server,
            alice,
        };
        team.operator(&["user", "add", "alice"]);
        team
    }

    fn operator(&self, args: &[&str]) -> Value {
        let mut command = enact_command(&enact());
        command.args(args).arg("--json").arg("--data");
        let output = command.arg(self.world.data()).output().unwrap();
        assert!(output.status.success(), "{args:?}: {output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn token(&self) -> String {
        let made = self.operator(&["token", "create", "--user", "alice"]);
        made["token"].as_str().unwrap().to_owned()
    }

    /// A command of alice's that has no token but what is kept.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.alice.command(&enact(), args);
        command.env_remove("ENACT_AUTH_TOKEN");
        command
    }
}

fn run(mut command: Command, input: &str) -> Output {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

/// A token is kept in the keyring, and nowhere else.
pub(crate) fn with_a_keyring() {
    let keyring = Keyring::start().unwrap().unwrap();
    let team = Team::new();
    let enact = |args: &[&str], input: &str| {
        let mut command = team.command(args);
        command.env("DBUS_SESSION_BUS_ADDRESS", &keyring.bus);
        let output = run(command, input);
        let said = [&output.stdout[..], &output.stderr].concat();
        (output, String::from_utf8(said).unwrap())
    };
    let expect = |args: &[&str], input: &str| {
        let (output, said) = enact(args, input);
        assert!(output.status.success(), "{args:?}: {said}");
        said
    };
    let kept = || {
        let attributes = [
            "service",
            "enact-registry-token",
            "registry",
            &team.server.url,
        ];
        keyring.lookup(&attributes).unwrap()
    };
    let file = team.alice.home.join(".enact/credentials.json");

    let (first, second) = (team.token(), team.token());
    let said = expect(&["login", "--with-token"], &first);
    assert!(
        said.contains("the keyring") && !said.contains(&first),
        "{said}"
    );
    assert_eq!(kept().as_ref(), Some(&first));
    let text = fs::read_to_string(&file).unwrap();
    assert!(!text.contains(&first), "{text}");
    let whoami = expect(&["whoami", "--json"], "");
    assert!(whoami.contains("\"tokenSource\": \"keyring\""), "{whoami}");
    // The latest login counts.
    expect(&["login", "--with-token"], &second);
    assert_eq!(kept().as_ref(), Some(&second));

    // Out of reach, as over a line from elsewhere: what is public is read all the same.
    let elsewhere = run(team.command(&["whoami"]), "");
    let said = String::from_utf8_lossy(&elsewhere.stderr);
    assert_eq!(elsewhere.status.code(), Some(1), "{said}");
    assert!(
        said.contains("the keyring does not give the token"),
        "{said}"
    );
    assert!(run(team.command(&["search", "x"]), "").status.success());
    let logout = run(team.command(&["logout"]), "");
    assert_eq!(logout.status.code(), Some(1), "{logout:?}");

    // From one place to the other, and not into both.
    expect(&["login", "--with-token", "--no-keyring"], &first);
    assert_eq!(kept(), None);
    assert!(fs::read_to_string(&file).unwrap().contains(&first));
    expect(&["login", "--with-token"], &first);
    assert_eq!(kept().as_ref(), Some(&first));
    assert!(!fs::read_to_string(&file).unwrap().contains(&first));

    expect(&["logout", "--revoke"], "");
    assert_eq!(kept(), None);
    let (again, said) = enact(&["login", "--with-token"], &first);
    assert_eq!(again.status.code(), Some(1), "{said}");
}

/// `enact login`, which waits for the page.
struct Waiting {
    child: Ending,
    /// The address of the page.
    page: String,
}

impl Waiting {
    fn start(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = Ending(command.spawn().unwrap());
        // Nothing beyond the line is taken out of the pipe.
        let stderr = child.0.stderr.as_mut().unwrap();
        let page = line_with(&mut BufReader::with_capacity(1, stderr), "/auth/cli?");
        Self { child, page }
    }

    /// Everything that it says, when it has ended well.
    fn end(mut self) -> String {
        let mut said = String::new();
        let child = &mut self.child.0;
        let (stdout, stderr) = (child.stdout.as_mut(), child.stderr.as_mut());
        stdout.unwrap().read_to_string(&mut said).unwrap();
        stderr.unwrap().read_to_string(&mut said).unwrap();
        assert!(self.child.0.wait().unwrap().success(), "{said}");
        said
    }
}

/// A program that waits for somebody, and not longer than the test does: one that is left behind
/// holds the test's output open for minutes.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The next line with `part` in it.
fn line_with(output: &mut impl BufRead, part: &str) -> String {
    loop {
        let mut line = String::new();
        assert!(
            output.read_line(&mut line).unwrap() > 0,
            "it says nothing of {part}"
        );
        if line.contains(part) {
            return line.trim().to_owned();
        }
    }
}

/// A person signs `enact login` in at the registry's page.
pub(crate) fn in_a_browser() {
    let key = SigningKey::p256("key").unwrap();
    let provider = KeyServer::start([&key]).unwrap();
    let issuer = "https://id.example";
    let team = Team::with(vec![
        ("ENACT_JWT_ISSUER", issuer.to_owned()),
        ("ENACT_JWT_AUDIENCE", "enact".to_owned()),
        ("ENACT_JWT_JWKS_URL", provider.url()),
    ]);
    let browser = Browser::start().unwrap().unwrap();
    let login = || Waiting::start(team.command(&["login", "--web", "--no-browser"]));
    let whoami = || {
        let output = run(team.command(&["whoami", "--json"]), "");
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };

    let token = team.token();
    let waiting = login();
    browser.open(&waiting.page).unwrap();
    browser.type_into("#token", "wrong").unwrap();
    browser.click("#check").unwrap();
    browser
        .wait_for("#said", "does not take this token")
        .unwrap();
    // Chromium notes every answer that is no success, and nothing else is to be noted.
    let noted = browser.complaints().unwrap();
    assert!(noted.iter().all(|line| line.contains("401")), "{noted:?}");
    browser.type_into("#token", &token).unwrap();
    browser.click("#check").unwrap();
    browser.wait_for("#user", "alice").unwrap();
    assert_eq!(
        browser.text("#registry").unwrap(),
        format!("{}/", team.server.url)
    );
    assert_eq!(browser.text("#namespaces").unwrap(), "alice");
    browser.click("#hand-over").unwrap();
    browser.wait_for("#said", "Signed in as alice").unwrap();
    let said = waiting.end();
    assert!(!said.contains(&token), "{said}");
    assert_eq!(whoami()["username"], "alice");
    assert_eq!(browser.complaints().unwrap(), Vec::<String>::new());

    // Nobody listens any more.
    let waiting = login();
    let page = waiting.page.clone();
    browser.open(&page).unwrap();
    browser.type_into("#token", &token).unwrap();
    browser.click("#check").unwrap();
    browser.wait_for("#user", "alice").unwrap();
    drop(waiting);
    browser.click("#hand-over").unwrap();
    browser
        .wait_for("#said", "Nothing takes the token")
        .unwrap();

    // A token of an hour is exchanged for one that lasts.
    let exp = SystemClock.now().as_millis() / 1000 + 300;
    let claims = json!({
        "iss": issuer, "aud": "enact", "exp": exp, "sub": "1",
        "user_metadata": { "username": "bob" },
    });
    // By the file that a browser is given.
    let opener = team.alice.home.join("opener");
    let script = "#!/bin/sh\nprintf %s \"$1\" > \"$HOME/new\" && mv \"$HOME/new\" \"$HOME/file\"\n";
    fs::write(&opener, script).unwrap();
    fs::set_permissions(&opener, Permissions::from_mode(0o755)).unwrap();
    let mut command = team.command(&["login", "--web"]);
    command.env("BROWSER", &opener);
    let mut waiting = Waiting::start(command);
    let file = team.alice.home.join("file");
    until(&mut waiting.child.0, || file.exists());
    let file = fs::read_to_string(file).unwrap();
    browser.open(&format!("file://{file}")).unwrap();
    browser.wait_for("#registry", &team.server.url).unwrap();
    assert_eq!(browser.url().unwrap(), waiting.page);
    browser
        .type_into("#token", &key.token(&claims).unwrap())
        .unwrap();
    browser.click("#check").unwrap();
    browser.wait_for("#user", "bob").unwrap();
    browser
        .wait_for("#exchange", "ends with your session")
        .unwrap();
    browser.click("#hand-over").unwrap();
    browser.wait_for("#said", "Signed in as bob").unwrap();
    waiting.end();
    let bob = whoami();
    assert_eq!(
        (&bob["username"], &bob["signedInBy"]["kind"]),
        (&json!("bob"), &json!("token"))
    );
}

/// The port that the existing client waits at, whatever it is told.
const PORT_OF_EXISTING_CLIENT: u16 = 8118;

/// Waits until the existing client can wait at its port: for one test of this machine at a time, whoever
/// runs it and wherever its temporary files are, as long as the answer is held.
fn port_of_existing_client() -> File {
    const LOCK: &str = "/tmp/enact-test-port-8118.lock";
    // To lock a file it is enough to read it, so it does not matter whose it is.
    let file = match File::create_new(LOCK) {
        Ok(file) => {
            let readable = file.set_permissions(Permissions::from_mode(0o644));
            readable.map(|()| file)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => File::open(LOCK),
        Err(error) => Err(error),
    };
    let file = file.unwrap();
    file.lock().unwrap();
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, PORT_OF_EXISTING_CLIENT));
    free.unwrap_or_else(|error| {
        panic!("port {PORT_OF_EXISTING_CLIENT}, which the existing client needs: {error}")
    });
    file
}

/// The existing client signs in at the same page, and publishes with what it got.
pub(crate) fn existing_client_in_a_browser() {
    let _alone = port_of_existing_client();
    let client = find_official_client().unwrap().unwrap();
    let keyring = Keyring::start().unwrap().unwrap();
    let browser = Browser::start().unwrap().unwrap();
    let team = Team::new();
    team.operator(&["user", "add", "bob"]);
    let token = team.operator(&["token", "create", "--user", "bob"]);
    let token = token["token"].as_str().unwrap();
    // It gives up when it cannot open a browser; the test's own is opened by the test.
    let folder = team.alice.home.join("bin");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("xdg-open"), "#!/bin/sh\n").unwrap();
    fs::set_permissions(folder.join("xdg-open"), Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let command = |args: &[&str]| {
        let mut command = team.alice.command(&client, args);
        command
            .env_remove("ENACT_AUTH_TOKEN")
            .env("PATH", &path)
            .env("ENACT_WEB_URL", &team.server.url)
            .env("DBUS_SESSION_BUS_ADDRESS", &keyring.bus);
        command
    };
    let mut login = command(&["auth", "login"]);
    let mut login = Ending(login.stdout(Stdio::piped()).spawn().unwrap());
    let mut output = BufReader::new(login.0.stdout.take().unwrap());
    let page = line_with(&mut output, "/auth/cli?");
    line_with(&mut output, "Waiting for authentication");

    browser.open(&page).unwrap();
    browser.type_into("#token", token).unwrap();
    browser.click("#check").unwrap();
    browser.wait_for("#user", "bob").unwrap();
    browser.click("#hand-over").unwrap();
    browser.wait_for("#said", "Signed in as bob").unwrap();
    line_with(&mut output, "Logged in as bob");
    assert!(login.0.wait().unwrap().success());

    let skills = skills::examples().unwrap();
    let mut skills = skills
        .iter()
        .filter(|skill| skill.name.matches('/').count() == 1);
    let skill = skills.find(|skill| skill.name.starts_with("bob/")).unwrap();
    let publish = command(&["publish", skill.path().to_str().unwrap(), "--public"]);
    let output = run(publish, "");
    assert!(
        output.status.success(),
        "{output:?}\n{}",
        team.server.output()
    );
}

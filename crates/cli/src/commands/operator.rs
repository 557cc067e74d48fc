//! Who operates the registry from this command line, for its audit log, and whose files its data are.

use std::io::Read as _;

use enact_registry::Operator;
use rustix::fs::Mode;

/// How much of the list of accounts is looked at, in bytes.
const MAX_ACCOUNTS: u64 = 1024 * 1024;

/// Has this process make files and folders that only its user may read, wherever they are: the data
/// folder may be one that others can look into, and holds private tools. For all of the process, so
/// called before it has threads.
pub(super) fn keep_files_private() {
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
}

/// The account that this process has on this machine. What the environment says is believed of root
/// alone, who could write anything anyway: `sudo` tells there who became root.
pub(super) fn operator() -> Operator {
    let id = rustix::process::geteuid();
    let number = id.as_raw();
    let account = match std::env::var("SUDO_USER") {
        Ok(user) if id.is_root() && !user.is_empty() => format!("uid {number}, sudo by {user}"),
        _ => format!("uid {number}"),
    };
    let machine = rustix::system::uname();
    let machine = machine.nodename().to_string_lossy();
    Operator {
        name: name(number, &accounts()).unwrap_or_else(|| format!("uid {number}")),
        account,
        machine: (!machine.is_empty()).then(|| machine.into_owned()),
    }
}

/// The list of this machine's accounts; empty where they are kept elsewhere.
fn accounts() -> String {
    let mut text = String::new();
    if let Ok(file) = std::fs::File::open("/etc/passwd") {
        // What cannot be read, or is no text, names nobody.
        let _ = file.take(MAX_ACCOUNTS).read_to_string(&mut text);
    }
    text
}

/// The name of an account, in lines like `name:x:0:…`.
fn name(number: u32, accounts: &str) -> Option<String> {
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, _password) = (fields.next()?, fields.next()?);
        let found = fields.next()?.parse::<u32>().ok()? == number;
        found.then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_name_of_an_account() {
        let accounts =
            "root:x:0:0:root:/root:/bin/sh\n# x\nalice:x:1000:1000::/home/alice:/bin/sh\n";
        assert_eq!(name(0, accounts).as_deref(), Some("root"));
        assert_eq!(name(1000, accounts).as_deref(), Some("alice"));
        assert_eq!(name(1001, accounts), None);
    }
}

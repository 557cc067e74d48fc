//! Questions that a person answers on the terminal.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _};

use crate::exit::Failure;
use crate::printer::Printer;

/// The longest answer that is read, in bytes.
const MAX_ANSWER_BYTES: u64 = 4096;

/// Whether somebody is there to answer. Nobody is where stdin or stderr is no terminal, and programs
/// that asked for JSON want no questions.
pub(crate) fn can_ask(printer: &Printer) -> bool {
    !printer.is_json() && io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks, and gives the answer without the spaces around it; empty at the end of the input. Waits for
/// as long as it takes, and Ctrl-C ends the program.
pub(crate) fn ask(question: &str, printer: &Printer) -> Result<String, Failure> {
    printer.ask(question);
    read_answer().map_err(|error| Failure::io("cannot read the answer", &error))
}

/// What is typed, without the spaces around it; empty at the end of the input.
pub(crate) fn read_answer() -> io::Result<String> {
    let mut answer = String::new();
    io::stdin()
        .lock()
        .take(MAX_ANSWER_BYTES)
        .read_line(&mut answer)?;
    Ok(answer.trim().to_owned())
}

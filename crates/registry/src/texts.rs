//! Texts that people write: bounded, and such as every database can keep.

use crate::RegistryError;

/// A text that must be there and have 1 to `max` characters.
pub(crate) fn required(field: &str, text: String, max: usize) -> Result<String, RegistryError> {
    match optional(field, Some(text), max)? {
        Some(text) => Ok(text),
        None => Err(RegistryError::invalid(format!("{field} must not be empty"))),
    }
}

/// A text that may be absent, and is if it is empty, of at most `max` characters.
pub(crate) fn optional(
    field: &str,
    text: Option<String>,
    max: usize,
) -> Result<Option<String>, RegistryError> {
    let text = text.filter(|text| !text.trim().is_empty());
    if text
        .as_ref()
        .is_some_and(|text| text.chars().count() > max || text.contains('\0'))
    {
        return Err(RegistryError::invalid(format!(
            "{field} has at most {max} characters and no NUL"
        )));
    }
    Ok(text)
}

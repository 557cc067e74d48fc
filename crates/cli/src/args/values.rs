//! Values that are one of a few words, or mostly are: the completions of shells name them.

use std::ffi::OsStr;
use std::str::FromStr as _;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Arg, Command, Error};
use enact_types::{Role, Visibility};

use crate::settings::{ConfigKey, KNOWN_KEYS};

/// Parses who can see a skill.
pub(super) fn visibility() -> impl TypedValueParser<Value = Visibility> {
    let all = [
        Visibility::Public,
        Visibility::Unlisted,
        Visibility::Private,
    ];
    PossibleValuesParser::new(all.map(Visibility::as_str)).try_map(|word| Visibility::parse(&word))
}

/// Parses what a member of an organisation may do.
pub(super) fn role() -> impl TypedValueParser<Value = Role> {
    let all = [Role::Member, Role::Admin, Role::Owner];
    PossibleValuesParser::new(all.map(Role::as_str)).try_map(|word| Role::parse(&word))
}

/// Parses the name of any setting, and proposes those that mean something here.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keys;

impl TypedValueParser for Keys {
    type Value = ConfigKey;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<ConfigKey, Error> {
        ConfigKey::from_str.parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(KNOWN_KEYS.iter().map(PossibleValue::new)))
    }
}

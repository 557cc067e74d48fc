//! The fields of manifests that clients and agents read.

use enact_types::limits::MAX_DESCRIPTION_CHARS;

use super::shape::Shape;

/// One field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    /// Whether the object that it belongs to is wrong without it.
    pub(super) required: bool,
}

/// Those that the registry reads, which has its own rules for them.
pub(super) const REGISTRY_FIELDS: [&str; 7] = [
    "name",
    "version",
    "description",
    "license",
    "tags",
    "repository",
    "homepage",
];

/// The fields of a manifest: what the registry, this client and the existing one read. The latter
/// refuses to install a skill whose fields have other shapes.
pub(super) const MANIFEST: &[Field] = &[
    field("name", Shape::Any),
    field("version", Shape::Any),
    field("description", Shape::Any),
    field("license", Shape::Any),
    field("tags", Shape::Any),
    field("repository", Shape::Any),
    field("homepage", Shape::Any),
    field("enact", TEXT),
    field("from", TEXT),
    field("build", TEXTS),
    field("command", TEXT),
    field("timeout", Shape::Duration),
    field("scripts", Shape::Map(&SCRIPT)),
    field("hooks", HOOKS),
    field("inputSchema", OPEN),
    field("outputSchema", OPEN),
    field("env", Shape::Map(&ENV_VARIABLE)),
    field("annotations", ANNOTATIONS),
    field("resources", RESOURCES),
    field("compatibility", COMPATIBILITY),
    field("metadata", Shape::Map(&TEXT)),
    field("allowedTools", TEXT),
    field("allowed-tools", ALLOWED_TOOLS),
    field("doc", TEXT),
    field("authors", Shape::List(&AUTHOR)),
    field("examples", Shape::List(&EXAMPLE)),
];

/// Those of a `SKILL.md` that has a manifest beside it; agents know others, each their own.
pub(super) const SKILL_MD_BESIDE: &[Field] = &[
    field("name", Shape::Any),
    field("version", Shape::Any),
    field("description", Shape::Any),
    field("license", Shape::Any),
    field("tags", Shape::Any),
    field("compatibility", COMPATIBILITY),
    field("metadata", Shape::Map(&TEXT)),
    field("allowed-tools", ALLOWED_TOOLS),
];

const TEXT: Shape = Shape::Text(usize::MAX);
const TEXTS: Shape = Shape::Either(&TEXT, &Shape::List(&TEXT));
const COMPATIBILITY: Shape = Shape::Text(500);
const ALLOWED_TOOLS: Shape = TEXTS;

/// An object of any fields.
const OPEN: Shape = Shape::Object {
    fields: &[],
    open: true,
};

const SCRIPT: Shape = Shape::Either(
    &TEXT,
    &Shape::Object {
        fields: &[
            required("command", Shape::SomeText),
            field("description", Shape::Text(MAX_DESCRIPTION_CHARS)),
            field("inputSchema", OPEN),
            field("outputSchema", OPEN),
            field("annotations", ANNOTATIONS),
        ],
        open: false,
    },
);

const HOOKS: Shape = Shape::Object {
    fields: &[field("postinstall", TEXT), field("build", TEXTS)],
    open: false,
};

const ENV_VARIABLE: Shape = Shape::Object {
    fields: &[
        required("description", Shape::SomeText),
        field("secret", Shape::Bool),
        field("required", Shape::Bool),
        field("default", TEXT),
    ],
    open: false,
};

const ANNOTATIONS: Shape = Shape::Object {
    fields: &[
        field("title", TEXT),
        field("readOnlyHint", Shape::Bool),
        field("destructiveHint", Shape::Bool),
        field("idempotentHint", Shape::Bool),
        field("openWorldHint", Shape::Bool),
    ],
    open: false,
};

const RESOURCES: Shape = Shape::Object {
    fields: &[
        field("memory", TEXT),
        field("gpu", TEXT),
        field("disk", TEXT),
    ],
    open: false,
};

const AUTHOR: Shape = Shape::Object {
    fields: &[
        required("name", Shape::SomeText),
        field("email", Shape::SomeText),
        field("url", Shape::SomeText),
    ],
    open: false,
};

const EXAMPLE: Shape = Shape::Object {
    fields: &[
        field("input", OPEN),
        field("output", Shape::Any),
        field("description", TEXT),
    ],
    open: false,
};

const fn field(name: &'static str, shape: Shape) -> Field {
    Field {
        name,
        shape,
        required: false,
    }
}

const fn required(name: &'static str, shape: Shape) -> Field {
    Field {
        name,
        shape,
        required: true,
    }
}

/// The field that was probably meant: the same but for case and dashes, or at most a third of its
/// letters wrong.
pub(super) fn nearest(key: &str, fields: &[Field]) -> Option<&'static str> {
    const MAX_BYTES: usize = 64;
    if key.len() > MAX_BYTES {
        return None;
    }
    let plain = |text: &str| text.to_lowercase().replace(['-', '_'], "");
    let key = plain(key);
    let distance = |field: &Field| strsim::osa_distance(&key, &plain(field.name));
    let near = fields.iter().map(|field| (distance(field), field.name));
    near.min_by_key(|(distance, _)| *distance)
        .filter(|(distance, name)| *distance <= name.len() / 3)
        .map(|(_, name)| name)
}

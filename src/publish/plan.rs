//! What has to be done, and in which order. Nothing here reads or writes anything.

use super::object::{Headers, Object, Phase, Source};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The name of the metadata with the hash of an object before it was encoded, which marks what we wrote.
/// Azure allows only letters, digits and underscores, and some proxies drop fields with underscores.
pub(super) const DIGEST: &str = "stampedsha384";

/// An object that the target holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// What the store sends along; `None` for a store that keeps bytes only.
    pub(super) headers: Option<Headers>,
    /// The hash of its bytes, decoded.
    pub(super) integrity: String,
    /// Whether its metadata say that we wrote it.
    pub(super) marked: bool,
    pub(super) version: Version,
}

/// What a store calls one state of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) etag: Option<String>,
    pub(super) generation: Option<String>,
}

/// What has to be done about one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// It is there as it should be.
    Nothing,
    /// It is not there: put it, if it still is not.
    Create,
    /// Put it, if the target still holds this version.
    Replace(Version),
    /// Something is there that must not be overwritten.
    Conflict(Conflict),
}

/// Why a key cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Conflict {
    /// Its name has a stamp, and caches may keep the other bytes for a year.
    OtherBytes,
    /// No publish has put it there.
    Stranger,
}

/// Compares an object with what the target has under its key. `listed` says whether the last manifest
/// there names the key.
pub(super) fn need(object: &Object, found: Option<&Found>, listed: bool) -> Need {
    let Some(found) = found else { return Need::Create };
    let keeps_metadata = found.headers.is_some();
    if found.integrity == object.integrity {
        let is_right = found.headers.as_ref().is_none_or(|headers| *headers == object.headers);
        return match is_right && (found.marked || !keeps_metadata) {
            true => Need::Nothing,
            // Its bytes are right, so any of its representations is.
            false => Need::Replace(found.version.clone()),
        };
    }
    match object.phase {
        Phase::Stamped => Need::Conflict(Conflict::OtherBytes),
        _ if found.marked || listed => Need::Replace(found.version.clone()),
        _ => Need::Conflict(Conflict::Stranger),
    }
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Put {
        object: Object,
        need: Need,
    },
    /// Only what the rules for kept versions say.
    Delete {
        key: String,
    },
}

/// All that has to be done.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// In their order: each phase ends before the next one begins.
    pub(super) steps: Vec<Step>,
    /// What is in the way; then nothing is done.
    pub(super) conflicts: Vec<(String, Conflict)>,
    /// How many objects are there as they should be.
    pub(super) unchanged: usize,
}

/// What a plan is made of.
pub(super) struct Situation<'a> {
    /// What the target is to hold.
    pub(super) objects: Vec<Object>,
    /// What it holds under these keys.
    pub(super) found: &'a BTreeMap<String, Found>,
    /// The keys that the manifest there names.
    pub(super) listed: &'a BTreeSet<String>,
    /// Keys of versions that are no longer kept.
    pub(super) gone: BTreeSet<String>,
}

/// The steps from what the target holds to what it is to hold.
pub(super) fn plan(situation: Situation<'_>) -> Plan {
    let Situation { mut objects, found, listed, mut gone } = situation;
    objects.sort_by(|a, b| (a.phase, &a.key).cmp(&(b.phase, &b.key)));
    let mut plan = Plan::default();
    for object in objects {
        gone.remove(&object.key);
        let need = need(&object, found.get(&object.key), listed.contains(&object.key));
        match need {
            Need::Nothing => plan.unchanged += 1,
            Need::Conflict(why) => plan.conflicts.push((object.key, why)),
            need => plan.steps.push(Step::Put { object, need }),
        }
    }
    plan.steps.extend(gone.into_iter().map(|key| Step::Delete { key }));
    plan
}

impl Step {
    /// When it is its turn; deletions come last.
    pub(super) fn phase(&self) -> Option<Phase> {
        match self {
            Step::Put { object, .. } => Some(object.phase),
            Step::Delete { .. } => None,
        }
    }

    /// The object that it puts under a name whose bytes may change.
    pub(super) fn name(&self) -> Option<&Object> {
        match self {
            Step::Put { object, .. } if object.phase != Phase::Stamped => Some(object),
            _ => None,
        }
    }

    /// The step in JSON, for other tools. Keys begin with `prefix`.
    pub(super) fn json(&self, prefix: &str) -> Value {
        let (object, need) = match self {
            Step::Delete { key } => return json!({ "do": "delete", "key": full(prefix, key) }),
            Step::Put { object, need } => (object, need),
        };
        let Headers { content_type, cache_control, content_encoding } = &object.headers;
        let mut headers = json!({ "Content-Type": content_type, "Cache-Control": cache_control });
        if let Some(coding) = content_encoding {
            headers["Content-Encoding"] = json!(coding);
        }
        let mut step = json!({
            "do": "put",
            "key": full(prefix, &object.key),
            "size": object.size,
            "headers": headers,
            "metadata": { DIGEST: metadata(&object.integrity) },
        });
        match &object.source {
            Source::File(file) => step["file"] = json!(file),
            Source::Text(text) => step["text"] = json!(text),
        }
        match need {
            Need::Replace(Version { etag, generation }) => {
                if let Some(etag) = etag {
                    step["if_match"] = json!(etag);
                }
                if let Some(generation) = generation {
                    step["if_generation_match"] = json!(generation);
                }
            }
            _ => {
                step["if_none_match"] = json!("*");
                step["if_there"] = json!("compare");
            }
        }
        step
    }
}

/// A hash as metadata have it.
pub(super) fn metadata(integrity: &str) -> &str {
    integrity.strip_prefix("sha384-").unwrap_or(integrity)
}

/// The key in the whole store.
pub(super) fn full(prefix: &str, key: &str) -> String {
    match prefix {
        "" => key.to_owned(),
        _ => format!("{prefix}/{key}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::object::MANIFEST;
    use stamped::http::{ASK_AGAIN, FOREVER};

    fn object(key: &str, phase: Phase) -> Object {
        let forever = phase == Phase::Stamped;
        Object {
            key: key.to_owned(),
            phase,
            source: Source::File(key.to_owned()),
            size: 1,
            integrity: "sha384-A".to_owned(),
            headers: Headers {
                content_type: "text/css".to_owned(),
                cache_control: if forever { FOREVER } else { ASK_AGAIN }.to_owned(),
                content_encoding: None,
            },
        }
    }

    /// The object as the target has it after a publish.
    fn stored(object: &Object) -> Found {
        Found {
            headers: Some(object.headers.clone()),
            integrity: object.integrity.clone(),
            marked: true,
            version: Version { etag: Some("\"1\"".to_owned()), generation: None },
        }
    }

    #[test]
    fn what_is_there_decides_what_is_needed() {
        let (stamped, plain) = (object("a.1.css", Phase::Stamped), object("a.css", Phase::Plain));
        for object in [&stamped, &plain] {
            let right = stored(object);
            let replace = Need::Replace(right.version.clone());
            assert_eq!(need(object, None, true), Need::Create);
            assert_eq!(need(object, Some(&right), false), Need::Nothing);
            // Right bytes, and something else is not: whoever put them there.
            let unmarked = Found { marked: false, ..right.clone() };
            assert_eq!(need(object, Some(&unmarked), false), replace);
            for change in [
                |headers: &mut Headers| headers.content_type = "text/plain".to_owned(),
                |headers: &mut Headers| headers.cache_control = String::new(),
                |headers: &mut Headers| headers.content_encoding = Some("br".to_owned()),
            ] {
                let mut found = right.clone();
                change(found.headers.as_mut().unwrap());
                assert_eq!(need(object, Some(&found), false), replace);
            }
            // A folder has neither headers nor marks.
            let bare = Found { headers: None, marked: false, ..right.clone() };
            assert_eq!(need(object, Some(&bare), false), Need::Nothing);
        }
        for (marked, listed) in [(true, true), (true, false), (false, true), (false, false)] {
            let other =
                |object| Found { integrity: "sha384-B".to_owned(), marked, ..stored(object) };
            let conflict = Need::Conflict(Conflict::OtherBytes);
            assert_eq!(need(&stamped, Some(&other(&stamped)), listed), conflict);
            let expected = match marked || listed {
                true => Need::Replace(stored(&plain).version),
                false => Need::Conflict(Conflict::Stranger),
            };
            assert_eq!(need(&plain, Some(&other(&plain)), listed), expected);
        }
    }

    #[test]
    fn stamped_files_come_first_pages_after_names_the_manifest_and_then_deletions_last() {
        let objects = vec![
            object(MANIFEST, Phase::Manifest),
            object("index.html", Phase::Pages),
            object("z.css", Phase::Plain),
            object("z.1.css", Phase::Stamped),
            object("a.css", Phase::Plain),
            object("kept.css", Phase::Plain),
        ];
        let found = [("kept.css".to_owned(), stored(&objects[5]))].into();
        let listed = BTreeSet::new();
        // A key that is an asset again is not deleted.
        let gone = ["old.css", "a.css", "kept.css"].map(str::to_owned).into();
        let plan = plan(Situation { objects, found: &found, listed: &listed, gone });
        let steps: Vec<&str> = plan
            .steps
            .iter()
            .map(|step| match step {
                Step::Put { object, .. } => object.key.as_str(),
                Step::Delete { key } => key,
            })
            .collect();
        assert_eq!(steps, ["z.1.css", "a.css", "z.css", "index.html", MANIFEST, "old.css"]);
        assert_eq!((plan.unchanged, plan.conflicts.len()), (1, 0));
    }

    #[test]
    fn a_step_says_its_condition() {
        let step = |need| Step::Put { object: object("a.css", Phase::Plain), need };
        let create = step(Need::Create).json("p q");
        assert_eq!((&create["key"], &create["if_none_match"]), (&json!("p q/a.css"), &json!("*")));
        let version = Version { etag: Some("\"7\"".to_owned()), generation: Some("8".to_owned()) };
        let replace = step(Need::Replace(version)).json("");
        assert_eq!(
            (&replace["if_match"], &replace["if_none_match"]),
            (&json!("\"7\""), &Value::Null)
        );
        assert_eq!(replace["if_generation_match"], "8");
    }
}

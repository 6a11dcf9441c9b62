//! JSON whose shape is looked at bit by bit, because each bundler and each of their plug-ins has its own.

use std::collections::{BTreeMap, HashMap};
use tinyjson::JsonValue;

/// A value of JSON.
pub(super) struct Json(JsonValue);

/// A value inside of it, and what it is called in messages.
#[derive(Clone)]
pub(super) struct Value<'a> {
    value: &'a JsonValue,
    place: String,
}

impl Json {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        text.parse().map(Json).map_err(|error: tinyjson::JsonParseError| error.to_string())
    }

    pub(super) fn root(&self) -> Value<'_> {
        Value { value: &self.0, place: "the whole".to_owned() }
    }
}

impl<'a> Value<'a> {
    /// The members of an object, sorted by their keys.
    pub(super) fn object(&self) -> Result<BTreeMap<&'a str, Value<'a>>, String> {
        let members: Option<&'a HashMap<String, JsonValue>> = self.value.get();
        let members = members.ok_or_else(|| format!("{} is no object", self.place))?;
        let member = |(key, value): (&'a String, &'a JsonValue)| {
            (key.as_str(), Value { value, place: format!("`{key}` in {}", self.place) })
        };
        Ok(members.iter().map(member).collect())
    }

    /// A member of an object that need not be there.
    pub(super) fn get(&self, key: &str) -> Result<Option<Value<'a>>, String> {
        Ok(self.object()?.remove(key))
    }

    /// The elements of an array.
    pub(super) fn array(&self) -> Result<Vec<Value<'a>>, String> {
        let elements: Option<&'a Vec<JsonValue>> = self.value.get();
        let elements = elements.ok_or_else(|| format!("{} is no list", self.place))?;
        let element = |value| Value { value, place: format!("an element of {}", self.place) };
        Ok(elements.iter().map(element).collect())
    }

    pub(super) fn text(&self) -> Result<&'a str, String> {
        let text: Option<&'a String> = self.value.get();
        text.map(String::as_str).ok_or_else(|| format!("{} is no text", self.place))
    }

    /// The texts in the list that is a member of this; none if it is not there.
    pub(super) fn texts(&self, key: &str) -> Result<Vec<String>, String> {
        let Some(list) = self.get(key)? else { return Ok(Vec::new()) };
        list.array()?.iter().map(|text| Ok(text.text()?.to_owned())).collect()
    }

    pub(super) fn is_object(&self) -> bool {
        self.value.is_object()
    }

    pub(super) fn is_array(&self) -> bool {
        self.value.is_array()
    }

    pub(super) fn is_text(&self) -> bool {
        self.value.is_string()
    }

    /// Whether this is `true`.
    pub(super) fn is_true(&self) -> bool {
        self.value.get() == Some(&true)
    }
}

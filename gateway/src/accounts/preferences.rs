//! What people chose about the console. Everybody has their own, and nobody reads or changes another's.
//!
//! Invariant: what is kept is changed by merging (RFC 7396), so that a console keeps what it does not know.

use domain::error::Problem;
use domain::id::UserId;
use domain::preferences::{MAX_BYTES, Preferences, PreferencesPatch};
use serde_json::{Map, Value};

use crate::Services;
use crate::access::{Actor, Principal};
use crate::input::Checks;
use crate::store::{self, Tx};

/// What this person chose, in the caller's transaction.
pub(super) async fn of_user(tx: &mut Tx, user: &UserId) -> Result<Preferences, Problem> {
    Ok(store::preferences::find(tx, user).await?.map(read).unwrap_or_default())
}

/// Changes what the caller chose; everything they chose afterwards.
///
/// # Errors
/// 403 for a program; 422 with the fields that need attention, or when it is more than is kept for a person.
pub async fn save(
    services: &Services,
    principal: &Principal,
    patch: &PreferencesPatch,
) -> Result<Preferences, Problem> {
    let Actor::User { id, .. } = &principal.actor else {
        return Err(Problem::new(
            403,
            "not_a_person",
            "Not allowed",
            "Preferences are about the console, and the console is for people.",
        ));
    };
    let mut checks = Checks::default();
    checks.extend(patch.check());
    checks.finish()?;
    let patch = serde_json::to_value(patch).map_err(|error| Problem::invalid(error.to_string()))?;

    let mut tx = services.store.write().await?;
    let mut value = store::preferences::lock(&mut tx, id, services.clock.now()).await?;
    merge(&mut value, patch);
    if value.to_string().len() > MAX_BYTES {
        return Err(Problem::invalid(format!(
            "Preferences are kept up to {} KiB. Give some grids their own columns again.",
            MAX_BYTES / 1024
        )));
    }
    store::preferences::replace(&mut tx, id, &value).await?;
    tx.commit().await?;
    Ok(read(value))
}

/// What of it this version understands.
fn read(value: Value) -> Preferences {
    serde_json::from_value(value).unwrap_or_else(|error| {
        // Written by another version. It stays as it is; a person must not be kept out by how the console looked.
        tracing::warn!(%error, "preferences that this version cannot read are taken as never chosen");
        Preferences::default()
    })
}

/// Merges a patch into a value, as RFC 7396 says: objects member by member, `null` removes, all else replaces.
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Some(members) = target.as_object_mut() else { return };
    for (name, part) in patch {
        if part.is_null() {
            members.remove(&name);
        } else {
            merge(members.entry(name).or_insert(Value::Null), part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn merging_follows_the_examples_of_rfc_7396() {
        for (before, patch, after) in [
            (json!({ "a": "b" }), json!({ "a": "c" }), json!({ "a": "c" })),
            (json!({ "a": "b" }), json!({ "b": "c" }), json!({ "a": "b", "b": "c" })),
            (json!({ "a": "b", "b": "c" }), json!({ "a": null }), json!({ "b": "c" })),
            (json!({ "a": ["b"] }), json!({ "a": "c" }), json!({ "a": "c" })),
            (
                json!({ "a": { "b": "c" } }),
                json!({ "a": { "b": "d", "c": null } }),
                json!({ "a": { "b": "d" } }),
            ),
            (json!({ "a": [{ "b": "c" }] }), json!({ "a": [1] }), json!({ "a": [1] })),
            (json!(["a"]), json!({ "a": "b" }), json!({ "a": "b" })),
            (json!({}), json!({ "a": { "bb": { "ccc": null } } }), json!({ "a": { "bb": {} } })),
        ] {
            let mut value = before.clone();
            merge(&mut value, patch.clone());
            assert_eq!(value, after, "{before} with {patch}");
        }
    }

    #[test]
    fn the_console_and_the_store_make_the_same_of_a_change() {
        let patches = [
            json!({ "theme": "dark", "grids": { "a": { "columns": [{ "key": "x" }, { "key": "y", "width": 90 }] } } }),
            json!({ "times": "utc", "grids": { "b": { "columns": [{ "key": "x" }] } } }),
            json!({ "grids": { "a": { "columns": [{ "key": "y" }] }, "b": null } }),
        ];
        let (mut stored, mut shown) = (json!({}), Preferences::default());
        for patch in patches {
            shown.apply(&serde_json::from_value(patch.clone()).unwrap());
            merge(&mut stored, patch);
            assert_eq!(read(stored.clone()), shown);
        }
    }
}

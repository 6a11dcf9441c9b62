//! The report as JSON, for programs and for the page.

use super::model::Report;
use serde_json::{Map, Value, json};

pub(crate) fn of(report: &Report<'_>) -> Value {
    let rows: Vec<Value> = report
        .rows
        .iter()
        .map(|row| {
            let encodings: Map<_, _> = row
                .encodings
                .iter()
                .map(|&(coding, size)| (coding.token().to_owned(), size.into()))
                .collect();
            json!({
                "name": row.name,
                "url": row.url,
                "stamp": row.stamp,
                "unstamped": row.unstamped,
                "type": row.content_type,
                "size": row.size,
                "encodings": encodings,
                "references": row.references,
            })
        })
        .collect();
    let total = report.total();
    json!({
        "mount": report.mount,
        "mode": report.mode,
        "assets": rows,
        "total": {
            "assets": total.assets,
            "stamped": total.stamped,
            "size": total.size,
            "smallest": total.smallest,
        },
        "versions": { "kept": report.versions.0, "size": report.versions.1 },
        "deltas": { "made": report.deltas.0, "size": report.deltas.1 },
        "warnings": report.warnings,
    })
}

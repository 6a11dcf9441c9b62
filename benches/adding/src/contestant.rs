//! The programs that are built: all say hello, and all but the first serve the folder `assets` too.

/// A crate that serves assets.
#[derive(Clone, Copy, Debug)]
pub struct Contestant {
    pub name: &'static str,
    dependencies: &'static str,
    build_dependencies: &'static str,
    pub build_script: Option<&'static str>,
    items: &'static str,
    /// What is called on the router.
    served: &'static str,
}

const ALONE: Contestant = Contestant {
    name: "alone",
    dependencies: "",
    build_dependencies: "",
    build_script: None,
    items: "",
    served: "",
};

const STAMPED: Contestant = Contestant {
    name: "stamped",
    dependencies: "stamped = { path = '{crates}/stamped', features = ['axum'] }",
    build_dependencies: "stamped-build = { path = '{crates}/stamped-build' }",
    build_script: Some(
        "fn main() -> Result<(), stamped_build::Error> {
    stamped_build::Pipeline::new(\"assets\").mount(\"/static\").bake()
}
",
    ),
    items: "mod assets { stamped::include_assets!(); }",
    served: ".merge(stamped::http::Handler::new(&assets::ASSETS).into_router())",
};

/// `stamped` with a feature of `stamped-transform`.
macro_rules! transforming {
    ($feature:literal) => {
        Contestant {
            name: concat!("stamped, ", $feature, "()"),
            build_dependencies: concat!(
                "stamped-build = { path = '{crates}/stamped-build' }\n",
                "stamped-transform = { path = '{crates}/stamped-transform', features = ['",
                $feature,
                "'] }"
            ),
            ..STAMPED
        }
    };
}

pub const CONTESTANTS: [Contestant; 11] = [
    ALONE,
    STAMPED,
    Contestant {
        name: "stamped without encodings",
        build_dependencies: "stamped-build = { path = '{crates}/stamped-build', default-features = false }",
        ..STAMPED
    },
    Contestant {
        name: "rust-embed",
        dependencies: "rust-embed = '8'",
        items: "#[derive(rust_embed::RustEmbed)]\n#[folder = \"assets\"]\nstruct Assets;",
        served: ".route(\"/static/{*name}\", get(|axum::extract::Path(name): axum::extract::Path<String>| async move {
        Assets::get(&name).map(|file| file.data.into_owned()).ok_or(axum::http::StatusCode::NOT_FOUND)
    }))",
        ..ALONE
    },
    Contestant {
        name: "include_dir",
        dependencies: "include_dir = '0.7'",
        items: "static ASSETS: include_dir::Dir = include_dir::include_dir!(\"$CARGO_MANIFEST_DIR/assets\");",
        served: ".route(\"/static/{*name}\", get(|axum::extract::Path(name): axum::extract::Path<String>| async move {
        ASSETS.get_file(&name).map(|file| file.contents()).ok_or(axum::http::StatusCode::NOT_FOUND)
    }))",
        ..ALONE
    },
    Contestant {
        name: "memory-serve",
        dependencies: "memory-serve = '2'",
        build_dependencies: "memory-serve = '2'",
        build_script: Some("fn main() { memory_serve::load_directory(\"assets\"); }\n"),
        served: ".nest(\"/static\", memory_serve::load!().into_router())",
        ..ALONE
    },
    Contestant {
        name: "tower-serve-embedded",
        dependencies: "tower-serve-embedded = '0.4'",
        build_dependencies: "tower-serve-embedded-build = '0.4'",
        build_script: Some(
            "fn main() { tower_serve_embedded_build::Builder::new(\"assets\").emit().unwrap(); }\n",
        ),
        items: "tower_serve_embedded::embed!();",
        served: ".route(\"/url\", get(|| async { ASSETS.url(\"style.css\").unwrap_or_default() }))",
        ..ALONE
    },
    transforming!("command"),
    transforming!("sass"),
    transforming!("css"),
    transforming!("js"),
];

impl Contestant {
    /// `crates` is where ours lie.
    pub fn manifest(&self, crates: &str) -> String {
        let Contestant { dependencies, build_dependencies, .. } = self;
        format!(
            "[package]
name = 'hello'
version = '0.0.0'
edition = '2024'

[dependencies]
axum = '0.8'
tokio = {{ version = '1', features = ['macros', 'net', 'rt-multi-thread'] }}
{dependencies}

[build-dependencies]
{build_dependencies}

[workspace]
"
        )
        .replace("{crates}", crates)
    }

    pub fn program(&self) -> String {
        let Contestant { items, served, .. } = self;
        format!(
            "use axum::{{Router, routing::get}};

{items}

#[tokio::main]
async fn main() {{
    let app = Router::new().route(\"/\", get(|| async {{ \"Hello, World!\" }})){served};
    let listener = tokio::net::TcpListener::bind(\"127.0.0.1:0\").await.unwrap();
    axum::serve(listener, app).await.unwrap();
}}
"
        )
    }
}

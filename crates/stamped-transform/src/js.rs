//! Scripts, by `oxc`.

use crate::paths::{file_name, shown, with_ending};
use crate::place::At;
use crate::source_map;
use oxc_allocator::Allocator;
use oxc_codegen::{Codegen, CodegenOptions, CommentOptions, LegalComment};
use oxc_diagnostics::OxcDiagnostic;
use oxc_mangler::MangleOptions;
use oxc_minifier::{CompressOptions, Minifier, MinifierOptions};
use oxc_parser::Parser;
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;
use oxc_transformer::{
    DecoratorOptions, EngineTargets, EnvOptions, RewriteExtensionsMode, TransformOptions,
    Transformer, TypeScriptOptions,
};
use stamped_build::{BoxError, Draft, Transform};
use std::path::Path;

/// Minifies scripts and modules, strips the types from TypeScript, and writes what is too new for some browsers in an
/// older way.
///
/// `app.ts` becomes `app.js`, and `import "./util.ts"` follows. Types are not checked: that is for `tsc --noEmit` and
/// the editor. Files are not bundled, and imports need their extensions, as in browsers. Declarations (`*.d.ts`) become
/// no assets, and `*.min.js` keeps its bytes.
///
/// A file without `import` and `export` counts as a classic script, so the names at its top level stay. Comments that
/// begin with `/*!` or have `@license` or `@preserve` stay.
///
/// ```
/// use stamped_build::Pipeline;
/// use stamped_transform::js;
///
/// let pipeline = Pipeline::new("assets").transform_with(js().target("es2020"));
/// ```
#[derive(Clone, Debug)]
pub struct Js {
    pattern: String,
    target: String,
    minify: bool,
    source_map: bool,
}

/// Minifies scripts and compiles TypeScript: see [`Js`].
#[must_use]
pub fn js() -> Js {
    Js {
        pattern: "*.{js,mjs,ts,mts}".to_owned(),
        target: "es2022".to_owned(),
        minify: true,
        source_map: false,
    }
}

impl Js {
    /// Sets the pattern of the files that are minified. Default: `*.{js,mjs,ts,mts}`.
    ///
    /// ```
    /// let js = stamped_transform::js().files("*.ts");
    /// ```
    #[must_use]
    pub fn files(mut self, pattern: impl Into<String>) -> Self {
        self.pattern = pattern.into();
        self
    }

    /// Sets the syntax that browsers have to understand: an edition, from `es2015` to `esnext`, or browsers such as
    /// `chrome100,safari15`. Default: `es2022`. Functions that a browser does not have are not added.
    ///
    /// ```
    /// let js = stamped_transform::js().target("es2020");
    /// ```
    #[must_use]
    pub fn target(mut self, target: impl Into<String>) -> Self {
        self.target = target.into();
        self
    }

    /// Sets whether names are shortened and everything is written as short as possible. Default: `true`.
    ///
    /// ```
    /// let is_release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    /// let js = stamped_transform::js().minify(is_release).source_map(!is_release);
    /// ```
    #[must_use]
    pub fn minify(mut self, minify: bool) -> Self {
        self.minify = minify;
        self
    }

    /// Sets whether each script gets a source map, `app.js.map`, with the source in it. Default: `false`, because
    /// everybody can read it.
    ///
    /// Stamps in references shift what follows on the same line. A minified module is one line, so its map is exact
    /// only up to the first reference.
    #[must_use]
    pub fn source_map(mut self, source_map: bool) -> Self {
        self.source_map = source_map;
        self
    }
}

impl Transform for Js {
    fn pattern(&self) -> &str {
        &self.pattern
    }

    fn fingerprint(&self) -> Option<String> {
        Some(format!("{} {} {}", self.target, self.minify, self.source_map))
    }

    fn apply(&self, draft: &mut Draft) -> Result<(), BoxError> {
        let name = draft.name().to_owned();
        if [".d.ts", ".d.mts"].iter().any(|ending| name.ends_with(ending)) {
            draft.leave_out();
            return Ok(());
        }
        if name.ends_with(".min.js") || name.ends_with(".min.mjs") {
            return Ok(());
        }
        let targets = EngineTargets::from_target(&self.target)
            .map_err(|error| format!("the target `{}` makes no sense: {error}", self.target))?;
        let text = str::from_utf8(draft.bytes()).map_err(|_| "it is not UTF-8")?;
        let (source_type, ending) = match name.rsplit_once('.').map(|(_, ending)| ending) {
            Some("ts") => (SourceType::ts().with_unambiguous(true), "js"),
            Some("mts") => (SourceType::ts().with_module(true), "mjs"),
            Some("mjs") => (SourceType::mjs(), "mjs"),
            _ => (SourceType::unambiguous(), "js"),
        };
        let new_name = with_ending(&name, ending);
        let source = Source { text, path: draft.path(), name: file_name(&name), source_type };
        let Made { mut code, map } = self.compile(&source, targets)?;
        if let Some(map) = map {
            source_map::add(draft, &new_name, map, &mut code, ["//", ""]);
        }
        draft.set_name(new_name);
        draft.set_bytes(code);
        Ok(())
    }
}

/// What is compiled.
struct Source<'a> {
    text: &'a str,
    path: &'a Path,
    /// The last part of its name.
    name: &'a str,
    source_type: SourceType,
}

struct Made {
    code: String,
    map: Option<String>,
}

impl Js {
    fn compile(&self, source: &Source<'_>, targets: EngineTargets) -> Result<Made, BoxError> {
        let allocator = Allocator::default();
        let parse = |source_type| Parser::new(&allocator, source.text, source_type).parse();
        let mut parsed = parse(source.source_type);
        if !parsed.errors.is_empty() && source.source_type.is_unambiguous() {
            // Only a module may wait at its top level.
            let as_module = parse(source.source_type.with_module(true));
            if as_module.errors.is_empty() {
                parsed = as_module;
            }
        }
        source.check(&parsed.errors)?;
        let mut program = parsed.program;
        let is_module = program.source_type.is_module();
        let semantic = SemanticBuilder::new()
            .with_excess_capacity(2.0)
            .with_check_syntax_error(true)
            .build(&program);
        source.check(&semantic.errors)?;
        let scoping = semantic.semantic.into_scoping();

        let options = TransformOptions {
            typescript: TypeScriptOptions {
                rewrite_import_extensions: Some(RewriteExtensionsMode::Rewrite),
                ..TypeScriptOptions::default()
            },
            decorator: DecoratorOptions { legacy: true, ..DecoratorOptions::default() },
            env: EnvOptions::from(targets.clone()),
            ..TransformOptions::default()
        };
        let transformed = Transformer::new(&allocator, source.path, &options)
            .build_with_scoping(scoping, &mut program);
        source.check(&transformed.errors)?;
        #[expect(deprecated, reason = "nothing else tells of imports that no browser can resolve")]
        let mut helpers: Vec<&str> =
            transformed.helpers_used.keys().map(|helper| helper.name()).collect();
        helpers.sort_unstable();
        if let Some(helper) = helpers.first() {
            let target = &self.target;
            return Err(format!(
                "for the target `{target}` it needs the helper function `{helper}`, which is not there: choose a \
                 newer target, or do without decorators and the syntax that is too new"
            )
            .into());
        }

        let minified = self.minify.then(|| {
            let options = MinifierOptions {
                mangle: Some(MangleOptions { top_level: is_module, ..MangleOptions::default() }),
                compress: Some(CompressOptions {
                    target: targets,
                    drop_debugger: false,
                    ..CompressOptions::default()
                }),
            };
            Minifier::new(options).minify(&allocator, &mut program)
        });
        let (scoping, private) = match minified {
            Some(minified) => (minified.scoping, minified.class_private_mappings),
            None => (None, None),
        };
        let comments = match self.minify {
            true => CommentOptions { legal: LegalComment::Inline, ..CommentOptions::disabled() },
            false => CommentOptions::default(),
        };
        let options = CodegenOptions {
            minify: self.minify,
            comments,
            source_map_path: self.source_map.then(|| source.name.into()),
            ..CodegenOptions::default()
        };
        let printed = Codegen::new()
            .with_options(options)
            .with_source_text(source.text)
            .with_scoping(scoping)
            .with_private_member_mappings(private)
            .build(&program);
        Ok(Made { code: printed.code, map: printed.map.map(|map| map.to_json_string()) })
    }
}

impl Source<'_> {
    /// The first of the errors as compilers show it, if there is one.
    fn check(&self, errors: &[OxcDiagnostic]) -> Result<(), BoxError> {
        let Some(error) = errors.first() else { return Ok(()) };
        let label = error.labels.iter().flatten().next();
        let Some(label) = label else { return Err(error.message.to_string().into()) };
        let offset = label.offset().min(self.text.len());
        let before = self.text.get(..offset).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.matches('\n').count() + 1;
        let column = before[start..].chars().count() + 1;
        let text = self.text[start..].lines().next().unwrap_or_default();
        let marked = self.text.get(offset..offset + label.len()).unwrap_or_default();
        let length = marked.lines().next().unwrap_or_default().chars().count();
        let place = (line, column);
        let help = error.help.as_deref();
        Err(At::new(error.message.as_ref(), shown(self.path), place, text, length)
            .help(help)
            .into())
    }
}

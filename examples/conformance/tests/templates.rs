//! What the functions for templates write, in both engines.

mod assets {
    stamped::include_assets!();
}
mod modules {
    stamped::include_assets!("modules");
}
use assets::{ASSETS, asset, url};

fn minijinja(
    functions: stamped::minijinja::Functions,
    template: &str,
) -> Result<String, minijinja::Error> {
    let mut environment = minijinja::Environment::new();
    functions.add_to(&mut environment);
    // The name says that this is HTML, so that values are escaped.
    environment.render_named_str("page.html", template, ())
}

fn tera(functions: stamped::tera::Functions, template: &str) -> Result<String, String> {
    let mut tera = tera::Tera::default();
    functions.add_to(&mut tera);
    tera.add_raw_template("page.html", template).map_err(|error| error.to_string())?;
    tera.render("page.html", &tera::Context::new()).map_err(|error| {
        let mut error: &dyn std::error::Error = &error;
        let mut text = error.to_string();
        while let Some(source) = error.source() {
            error = source;
            text = format!("{text}: {error}");
        }
        text
    })
}

/// Renders a template of minijinja, and the same with the names that tera wants.
fn both(
    set: impl Fn(Builder) -> Builder,
    template: &str,
    of_tera: &str,
) -> [Result<String, String>; 2] {
    let Builder(one, two) =
        set(Builder(stamped::minijinja::functions(&ASSETS), stamped::tera::functions(&ASSETS)));
    [minijinja(one, template).map_err(|error| error.to_string()), tera(two, of_tera)]
}

struct Builder(stamped::minijinja::Functions, stamped::tera::Functions);

impl Builder {
    fn base(self, base: &str) -> Self {
        Builder(self.0.base(base), self.1.base(base))
    }

    fn allow_unknown(self) -> Self {
        Builder(self.0.allow_unknown(true), self.1.allow_unknown(true))
    }
}

fn rendered(set: impl Fn(Builder) -> Builder, template: &str, of_tera: &str, wanted: &str) {
    for result in both(set, template, of_tera) {
        assert_eq!(result.as_deref(), Ok(wanted), "{template}");
    }
}

fn refused(set: impl Fn(Builder) -> Builder, template: &str, of_tera: &str, reason: &str) {
    for result in both(set, template, of_tera) {
        let error = result.expect_err(template);
        assert!(error.contains(reason), "{template}: {error}");
    }
}

#[test]
fn a_template_of_flask_works_as_it_is() {
    let template =
        "<link rel=stylesheet href=\"{{ url_for('static', filename='css/style.css') }}\">";
    let page = minijinja(stamped::minijinja::functions(&ASSETS), template).unwrap();
    assert_eq!(page, format!("<link rel=stylesheet href=\"{}\">", url!("css/style.css")));
}

#[test]
fn urls_and_integrity_are_written_without_escapes() {
    rendered(
        |all| all,
        "{{ url_for('static', filename='css/style.css') }} {{ asset('docs/読む 此れ.txt') }} \
         {{ integrity('js/app.js') }}",
        "{{ url_for(endpoint='static', filename='css/style.css') }} \
         {{ asset(name='docs/読む 此れ.txt') }} {{ integrity(name='js/app.js') }}",
        &format!(
            "{} {} {}",
            url!("css/style.css"),
            url!("docs/読む 此れ.txt"),
            asset!("js/app.js").integrity()
        ),
    );
}

#[test]
fn tags_are_html_that_is_not_escaped_but_for_what_the_program_puts_in() {
    let nonce = "a\"b";
    let tags = asset!("js/app.js").tags();
    rendered(
        |all| all,
        "{{ tags('js/app.js') }}",
        "{{ tags(name='js/app.js') }}",
        &tags.to_string(),
    );
    rendered(
        |all| all.base("https://cdn.example"),
        "{{ tags('js/app.js', nonce='a\"b') }}",
        "{{ tags(name='js/app.js', nonce='a\"b') }}",
        &tags.base("https://cdn.example").nonce(nonce).to_string(),
    );
    let misspelt = "{{ tags('js/app.js', once='x') }}";
    assert!(minijinja(stamped::minijinja::functions(&ASSETS), misspelt).is_err());
}

#[test]
fn the_list_of_a_service_worker_is_json_that_is_not_escaped() {
    let list = ASSETS.precache("*.{css,js}").unwrap();
    assert!(list.assets().count() > 2);
    rendered(
        |all| all.base("https://cdn.example/"),
        "{{ precache('*.{css,js}') }}",
        "{{ precache(pattern='*.{css,js}') }}",
        &list.base("https://cdn.example").to_string(),
    );
    refused(
        |all| all,
        "{{ precache('*.{css') }}",
        "{{ precache(pattern='*.{css') }}",
        "`*.{css` is not a pattern of asset names",
    );
}

#[test]
fn a_name_that_no_asset_has_is_an_error_that_names_it() {
    for (template, of_tera) in [
        ("{{ asset('css/stile.css') }}", "{{ asset(name='css/stile.css') }}"),
        ("{{ integrity('css/stile.css') }}", "{{ integrity(name='css/stile.css') }}"),
        ("{{ tags('css/stile.css') }}", "{{ tags(name='css/stile.css') }}"),
        (
            "{{ url_for('static', filename='css/stile.css') }}",
            "{{ url_for(endpoint='static', filename='css/stile.css') }}",
        ),
    ] {
        refused(|all| all, template, of_tera, "no asset is named `css/stile.css`");
    }
}

#[test]
fn an_unknown_name_may_be_allowed() {
    rendered(
        Builder::allow_unknown,
        "{{ url_for('static', filename='no file.css') }}[{{ integrity('no file.css') }}]",
        "{{ url_for(endpoint='static', filename='no file.css') }}\
         [{{ integrity(name='no file.css') }}]",
        "/static/no%20file.css[]",
    );
}

#[test]
fn a_base_stands_in_front_with_and_without_a_slash_at_its_end() {
    for base in ["https://cdn.example/x", "https://cdn.example/x/"] {
        rendered(
            |all| all.base(base).allow_unknown(),
            "{{ url_for('static', filename='css/style.css') }} {{ asset('no') }}",
            "{{ url_for(endpoint='static', filename='css/style.css') }} {{ asset(name='no') }}",
            &format!(
                "https://cdn.example/x{} https://cdn.example/x/static/no",
                url!("css/style.css")
            ),
        );
    }
}

#[test]
fn what_must_be_escaped_in_a_base_is() {
    for page in both(
        |all| all.base("https://cdn.example/\"x&y"),
        "{{ asset('css/style.css') }}",
        "{{ asset(name='css/style.css') }}",
    ) {
        let page = page.unwrap();
        assert!(page.contains("&quot;x&amp;y") || page.contains("&#34;x&amp;y"), "{page}");
    }
}

#[test]
fn further_arguments_become_a_query() {
    for page in both(
        |all| all,
        "{% autoescape false %}{{ url_for('static', filename='css/style.css', v=1, a='x/y&z', \
         unset=none, _anchor='top') }}{% endautoescape %}",
        "{{ url_for(endpoint='static', filename='css/style.css', v=1, a='x/y&z', \
         _anchor='top') | safe }}",
    ) {
        assert_eq!(page.unwrap(), format!("{}?a=x%2Fy%26z&v=1#top", url!("css/style.css")));
    }
    for page in both(
        |all| all,
        "{{ url_for('static', filename='css/style.css', v=1, a=2) }}",
        "{{ url_for(endpoint='static', filename='css/style.css', v=1, a=2) }}",
    ) {
        let page = page.unwrap();
        assert!(page.ends_with("?a=2&amp;v=1"), "{page}");
    }
}

#[test]
fn a_url_with_a_host_needs_one() {
    let template = "{{ url_for('static', filename='css/style.css', _external=true) }}";
    let of_tera = "{{ url_for(endpoint='static', filename='css/style.css', _external=true) }}";
    refused(|all| all, template, of_tera, "`_external` of `url_for` needs a host");
    refused(|all| all.base("/x"), template, of_tera, "needs a host");
    rendered(
        |all| all.base("https://cdn.example"),
        template,
        of_tera,
        &format!("https://cdn.example{}", url!("css/style.css")),
    );
}

#[test]
fn an_endpoint_that_nobody_answers_for_is_named() {
    refused(
        |all| all,
        "{{ url_for('user', id=1) }}",
        "{{ url_for(endpoint='user', id=1) }}",
        "no endpoint `user`",
    );
}

#[test]
fn other_endpoints_are_the_programs_own() {
    let functions = stamped::minijinja::functions(&ASSETS).endpoints(|_, endpoint, arguments| {
        let id: u64 = arguments.get("id")?;
        Ok(format!("/{endpoint}/{id}?a&b").into())
    });
    // What the program gives is escaped, as all strings are.
    let page = minijinja(functions, "{{ url_for('user', id=7) }}").unwrap();
    assert_eq!(page, "&#x2f;user&#x2f;7?a&amp;b");

    let functions = stamped::tera::functions(&ASSETS).endpoints(|_, endpoint, arguments| {
        let id: u64 = arguments.must_get("id")?;
        Ok(tera::Value::from(format!("/{endpoint}/{id}?a&b")))
    });
    let page = tera(functions, "{{ url_for(endpoint='user', id=7) }}").unwrap();
    assert!(page.ends_with("7?a&amp;b"), "{page}");
}

#[test]
fn the_import_map_is_written_as_it_is_and_has_the_base() {
    let functions = stamped::minijinja::functions(&modules::ASSETS);
    let map = minijinja(functions.clone(), "{{ import_map() }}").unwrap();
    assert_eq!(map, modules::ASSETS.import_map());

    let greeting = modules::url!("js/greeting.js");
    assert!(map.contains(&format!("\"/static/js/greeting.js\":\"{greeting}\"")), "{map}");
    let map = minijinja(functions.base("https://cdn.example/"), "{{ import_map() }}").unwrap();
    let based =
        format!("\"https://cdn.example/static/js/greeting.js\":\"https://cdn.example{greeting}\"");
    assert!(map.contains(&based), "{map}");
    assert_eq!(map.matches("cdn.example").count(), map.matches("/static/").count(), "{map}");

    let functions = stamped::tera::functions(&modules::ASSETS);
    assert_eq!(tera(functions, "{{ import_map() }}").unwrap(), modules::ASSETS.import_map());
}

#[test]
fn a_base_that_would_break_the_import_map_is_refused() {
    refused(
        |all| all.base("https://cdn.example/\"x"),
        "{{ import_map() }}",
        "{{ import_map() }}",
        "cannot be put into an import map",
    );
}

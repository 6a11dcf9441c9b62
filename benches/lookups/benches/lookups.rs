//! Measures lookups by name and by path beside other crates, in nanoseconds, in random order and in turns.
//!
//!     cargo bench --manifest-path benches/Cargo.toml -p lookups
//!
//! Arguments select tables by a part of their names (`-- resolve`). `--count TABLE N ROW LOOKUPS` only makes
//! the lookups and measures nothing, so that another program can count the instructions.

use figures::Table;
use hashbrown::HashMap;
use include_dir::Dir;
use lookups::names::Random;
use lookups::peers::{self, Recipe};
use lookups::pilots::Pilots;
use lookups::{ALL, Baked};
use stamped::hash::hash;
use stamped::percent::Encoded;
use stamped::{Asset, Assets, Resolved};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Many and short: a round in which the machine does something else is then one of few.
const ROUNDS: usize = 201;
const ROUND: Duration = Duration::from_micros(200);

/// So many that the processor does not learn their order.
const QUERIES: usize = 1 << 17;
/// Fewer long ones: the path of a request is in the cache.
const MOST_BYTES: usize = 1 << 20;

#[derive(Clone, Copy, PartialEq)]
enum Situation {
    UrlHit,
    UrlMiss,
    Exact,
    Stale,
    Plain,
    Escaped,
    Unknown,
    Long,
}

use Situation::*;

const SITUATIONS: [(Situation, &str, &str); 8] = [
    (UrlHit, "lookups/url-hit", "From a name to its URL"),
    (UrlMiss, "lookups/url-miss", "From a name that no asset has"),
    (Exact, "lookups/resolve-exact", "From a stamped path to its asset"),
    (Stale, "lookups/resolve-stale", "From a path with an old stamp"),
    (Plain, "lookups/resolve-plain", "From a path without a stamp"),
    (Escaped, "lookups/resolve-escaped", "From a stamped path with percent-encoded bytes"),
    (Unknown, "lookups/resolve-unknown", "From a stamped path that belongs to no asset"),
    (Long, "lookups/resolve-long", "From a path of 8 KiB, `.1.1.1` and so on"),
];

/// Every table over one set of names.
struct Tables {
    assets: Assets,
    phf: &'static phf::Map<&'static str, &'static str>,
    rust_embed: Option<fn(&str) -> Option<rust_embed::EmbeddedFile>>,
    hashbrown: HashMap<&'static str, &'static str>,
    std: std::collections::HashMap<&'static str, static_files::Resource>,
    include_dir: Dir<'static>,
    tower_serve_embedded: tower_serve_embedded::Assets,
    routes: matchit::Router<u32>,
    recipe: Recipe,
    pilots: Pilots,
}

impl Tables {
    fn new(baked: &Baked) -> Self {
        let assets = baked.assets;
        let urls: Vec<_> = assets.iter().map(|asset| (asset.name(), asset.url())).collect();
        let names: Vec<_> = assets.iter().map(Asset::name).collect();
        let paths: Vec<_> = names.iter().map(|name| plain_path(name)).collect();
        let hashes: Vec<_> = names.iter().map(|name| hash(0, name.as_bytes())).collect();
        Tables {
            assets,
            phf: baked.phf,
            rust_embed: baked.rust_embed,
            hashbrown: urls.iter().copied().collect(),
            std: peers::static_files(&names),
            include_dir: peers::include_dir(&names),
            tower_serve_embedded: peers::tower_serve_embedded(&urls),
            routes: peers::routes(&paths),
            recipe: Recipe::new(&paths),
            pilots: Pilots::new(&hashes).unwrap(),
        }
    }

    /// The texts that are looked up.
    fn pool(&self, situation: Situation) -> Vec<String> {
        match situation {
            Long => vec![format!("/static/{}", ".1".repeat(4092))],
            _ => self.assets.iter().filter_map(|asset| self.query(situation, asset)).collect(),
        }
    }

    fn query(&self, situation: Situation, asset: Asset) -> Option<String> {
        let stale = |url: &str| url.replace(asset.stamp().unwrap_or_default(), "1400000000");
        match situation {
            UrlHit => Some(asset.name().to_owned()),
            UrlMiss => self.misspelt(asset.name()),
            Exact => Some(asset.url().to_owned()).filter(|url| !url.contains('%')),
            // A browser need not, but may.
            Escaped => {
                let (first, rest) = asset.url().strip_prefix("/static/")?.split_at(1);
                Some(format!("/static/%{:02X}{rest}", first.as_bytes()[0]))
            }
            Stale => Some(stale(asset.url())),
            Plain => Some(plain_path(asset.name())),
            Unknown => {
                let name = self.misspelt(asset.name())?;
                let (stem, suffix) = stamped::name::split(&name);
                Some(plain_path(&format!("{stem}.1452929749{suffix}")))
            }
            Long => None,
        }
    }

    /// With one of the last letters another.
    fn misspelt(&self, name: &str) -> Option<String> {
        (0..12).find_map(|back| {
            let at = name.len().checked_sub(12 - back)?;
            let letter = name.get(at..=at)?.bytes().next().filter(u8::is_ascii_lowercase)?;
            let other = char::from(if letter == b'z' { b'a' } else { letter + 1 });
            let other = format!("{}{other}{}", &name[..at], &name[at + 1..]);
            self.assets.get(&other).is_none().then_some(other)
        })
    }

    fn contestants<'a>(
        &'a self,
        situation: Situation,
        queries: &'a Queries,
    ) -> Vec<Contestant<'a>> {
        match situation {
            UrlHit | UrlMiss => self.by_name(situation == UrlHit, queries),
            _ => self.by_path(situation, queries),
        }
    }

    fn by_name<'a>(&'a self, known: bool, names: &'a Queries) -> Vec<Contestant<'a>> {
        let &Tables { assets, phf, .. } = self;
        let mut contestants = vec![
            contestant("`ASSETS.url`", names, known, move |name| assets.url(name).map(first)),
            contestant("`phf::Map<&str, &str>`", names, known, |name| {
                phf.get(name).map(|url| first(url))
            }),
            contestant("`HashMap` of hashbrown", names, known, |name| {
                self.hashbrown.get(name).map(|url| first(url))
            }),
            contestant("static-files: `HashMap` of std", names, known, |name| {
                self.std.get(name).map(|file| file.data[0])
            }),
        ];
        if let Some(get) = self.rust_embed {
            contestants.push(contestant("rust-embed: `get`", names, known, move |name| {
                get(name).map(|file| file.data[0])
            }));
        }
        contestants.push(contestant("tower-serve-embedded: `url`", names, known, |name| {
            self.tower_serve_embedded.url(name).map(first)
        }));
        contestants.push(contestant("include_dir: `get_file`", names, known, |name| {
            self.include_dir.get_file(name).map(|file| file.contents()[0])
        }));
        contestants.push(contestant(
            "pilots instead of `phf` (not used)",
            names,
            known,
            move |name| {
                let id = self.pilots.get(hash(0, name.as_bytes()))?;
                let asset = assets.asset(id);
                (asset.name() == name).then(|| first(asset.url()))
            },
        ));
        contestants
    }

    fn by_path<'a>(&'a self, situation: Situation, paths: &'a Queries) -> Vec<Contestant<'a>> {
        let assets = self.assets;
        for path in paths.sample() {
            let as_expected = match (situation, assets.resolve(path)) {
                (Exact | Escaped, Resolved::Exact(asset)) => asset.url().ends_with(&path[12..]),
                (Stale, Resolved::Stale(_)) | (Plain, Resolved::Plain(_)) => true,
                (Unknown | Long, resolved) => resolved == Resolved::Unknown,
                _ => false,
            };
            assert!(as_expected, "{path}");
        }
        let known = !matches!(situation, Unknown | Long);
        let mut contestants = vec![contestant("`ASSETS.resolve`", paths, known, move |path| {
            assets.resolve(path).asset().map(|asset| first(asset.url()))
        })];
        if situation != Escaped {
            contestants.push(contestant(
                "the recipe: regex and `HashMap` of std",
                paths,
                known,
                |path| self.recipe.resolve(path).map(|id| id as u8),
            ));
        }
        if matches!(situation, Exact | Unknown | Long) {
            contestants.push(contestant("tower-serve-embedded: `resolve`", paths, known, |path| {
                self.tower_serve_embedded.resolve(path).map(|found| found.file.bytes[0])
            }));
        }
        if matches!(situation, Plain | Unknown | Long) {
            contestants.push(contestant("memory-serve: matchit of axum", paths, known, |path| {
                self.routes.at(path).ok().map(|found| *found.value as u8)
            }));
        }
        contestants
    }
}

/// The path of a request for the plain name.
fn plain_path(name: &str) -> String {
    format!("/static/{}", Encoded(name))
}

/// Reading it makes sure that the URL was found and not only its place.
fn first(url: &str) -> u8 {
    url.as_bytes().first().copied().unwrap_or(1)
}

/// What is looked up, in random order. The texts lie one behind the other in that order, because the
/// path of a request has just been read: it is the tables that are not in the cache.
struct Queries {
    texts: String,
    ends: Vec<usize>,
}

impl Queries {
    fn new(pool: &[String]) -> Self {
        let mut random = Random(11);
        let mut queries = Queries { texts: String::new(), ends: vec![0] };
        let longest = pool.iter().map(String::len).max().unwrap_or(1);
        for _ in 0..QUERIES.min(MOST_BYTES / longest) {
            queries.texts += &pool[random.below(pool.len())];
            queries.ends.push(queries.texts.len());
        }
        queries
    }

    fn at(&self, at: usize) -> &str {
        &self.texts[self.ends[at]..self.ends[at + 1]]
    }

    fn sample(&self) -> impl Iterator<Item = &str> {
        (0..1_000).map(|at| self.at(at % (self.ends.len() - 1)))
    }
}

/// Makes so many lookups, going on where it was.
struct Contestant<'a> {
    name: &'static str,
    run: Box<dyn FnMut(usize) + 'a>,
}

fn contestant<'a>(
    name: &'static str,
    queries: &'a Queries,
    known: bool,
    lookup: impl Fn(&str) -> Option<u8> + 'a,
) -> Contestant<'a> {
    let found = queries.sample().filter(|query| lookup(query).is_some()).count();
    // The recipe does not find every name.
    let as_expected = if known { found > 600 } else { found == 0 };
    assert!(as_expected, "{name} has found {found} of 1000");
    let mut at = 0;
    let run = move |count| {
        let mut sum = 0_u64;
        for _ in 0..count {
            sum = sum.wrapping_add(lookup(queries.at(at)).map_or(0, u64::from));
            at = if at + 2 < queries.ends.len() { at + 1 } else { 0 };
        }
        black_box(sum);
    };
    Contestant { name, run: Box::new(run) }
}

/// Nanoseconds per lookup, over as many as take [`ROUND`].
fn timed<'a>(mut run: Box<dyn FnMut(usize) + 'a>) -> Box<dyn FnMut() -> f64 + 'a> {
    let mut time = move |count| {
        let start = Instant::now();
        run(count);
        start.elapsed()
    };
    let mut count = 1;
    while time(count) < ROUND {
        count *= 2;
    }
    Box::new(move || time(count).as_secs_f64() * 1e9 / count as f64)
}

/// One column of each table.
type Column = Vec<(&'static str, f64)>;

fn measure(tables: &Tables, situation: Situation) -> Column {
    let queries = Queries::new(&tables.pool(situation));
    let (names, runs): (Vec<_>, Vec<_>) = tables
        .contestants(situation, &queries)
        .into_iter()
        .map(|contestant| (contestant.name, timed(contestant.run)))
        .unzip();
    let mut runs = runs;
    names.into_iter().zip(figures::medians(ROUNDS, &mut runs)).collect()
}

fn print(id: &str, title: &str, columns: &[Column]) {
    let sizes = ALL.each_ref().map(|baked| baked.assets.len());
    let mut table = Table::new(id, title, "ns", &sizes);
    for &(name, _) in columns.first().into_iter().flatten() {
        let of = |column: &Column| column.iter().find(|(other, _)| *other == name).map(|one| one.1);
        table.row(name, columns.iter().map(of));
    }
    table.print();
}

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [count, table, size, row, lookups] = &arguments[..]
        && count == "--count"
    {
        return only_run(table, size, row, lookups.parse().unwrap());
    }
    let chosen: Vec<_> = SITUATIONS
        .into_iter()
        .filter(|(_, id, _)| arguments.is_empty() || arguments.iter().any(|part| id.contains(part)))
        .collect();
    let mut columns = vec![Vec::new(); chosen.len()];
    for baked in &ALL {
        let tables = Tables::new(baked);
        for ((situation, ..), columns) in chosen.iter().zip(&mut columns) {
            columns.push(measure(&tables, *situation));
        }
    }
    for ((_, id, title), columns) in chosen.into_iter().zip(columns) {
        print(id, title, &columns);
    }
}

/// Makes `lookups` lookups of the contestant whose name has `row` in it.
fn only_run(table: &str, size: &str, row: &str, lookups: usize) {
    let baked = ALL.iter().find(|baked| baked.assets.len().to_string() == size).unwrap();
    let (situation, ..) = SITUATIONS.into_iter().find(|(_, id, _)| id.ends_with(table)).unwrap();
    let tables = Tables::new(baked);
    let queries = Queries::new(&tables.pool(situation));
    let mut contestants = tables.contestants(situation, &queries);
    let one = contestants.iter_mut().find(|contestant| contestant.name.contains(row)).unwrap();
    (one.run)(lookups);
}

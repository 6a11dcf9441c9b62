//! Bakes thousands of real files from npm packages. `tests/run` fetches them and runs this test.

mod support;

use std::fs;
use std::path::PathBuf;
use std::time::Instant;
use support::{BUILD, Project};

#[test]
#[ignore = "needs the packages that tests/fetch-packages fetches, in STAMPED_PACKAGES"]
fn every_file_of_real_packages_is_found_both_ways_and_equal_to_the_disk() {
    let folder =
        PathBuf::from(std::env::var_os("STAMPED_PACKAGES").expect("STAMPED_PACKAGES is set"));
    let project = Project::new("packages");
    project.write(
        "src/main.rs",
        format!(
            r#"
use stamped::Resolved;
use std::path::Path;

mod assets {{ stamped::include_assets!(); }}
use assets::ASSETS;

fn main() {{
    let folder = Path::new({folder:?});
    let (mut files, mut bytes, mut stamped, mut prestamped, mut time) = (0, 0, 0, 0, 0);
    visit(folder, &mut |path| {{
        let name = path.strip_prefix(folder).unwrap().to_str().unwrap();
        let asset = ASSETS.get(name).unwrap_or_else(|| panic!("{{name}} is missing"));
        let url = ASSETS.url(name).unwrap();
        match asset.stamp() {{
            Some(stamp) => {{
                assert_eq!(ASSETS.resolve(url), Resolved::Exact(asset), "{{url}}");
                assert_eq!(ASSETS.resolve(&url.replace(stamp, "1")), Resolved::Stale(asset), "{{url}}");
                stamped += 1;
                time += usize::from(stamp.len() == 10);
            }}
            None if asset.addressing() == stamped::Addressing::Prestamped => {{
                assert_eq!(ASSETS.resolve(url), Resolved::Exact(asset), "{{url}}");
                prestamped += 1;
            }}
            None => assert_eq!(ASSETS.resolve(url), Resolved::Plain(asset), "{{url}}"),
        }}
        let disk = std::fs::read(path).unwrap();
        assert!(asset.bytes() == disk, "{{name}} differs");
        assert_eq!(asset.text(), std::str::from_utf8(&disk).ok(), "{{name}}");
        files += 1;
        bytes += disk.len();
    }});
    assert_eq!(files, ASSETS.len());
    println!("{{files}} files, {{bytes}} bytes, {{stamped}} stamped, {{time}} of them by time, {{prestamped}} by a bundler");
}}

fn visit(folder: &Path, file: &mut dyn FnMut(&Path)) {{
    for entry in std::fs::read_dir(folder).unwrap() {{
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if name.starts_with('.') || name.ends_with('~') {{
            continue;
        }}
        if path.is_dir() {{ visit(&path, file) }} else {{ file(&path) }}
    }}
}}
"#
        ),
    );
    let ways = [("dev", "debug"), ("release", "release")]
        .into_iter()
        .flat_map(|profile| [(profile, "Include"), (profile, "Linked")]);
    for ((profile, place), embed) in ways {
        // Without the assets first, so that the time is that of the assets and not of dependencies.
        project.build_script(BUILD);
        let output = project.cargo(&["build", "--profile", profile]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        // As they are on the disk, and not encoded: brotli takes minutes over all this.
        let settings = format!(
            ".references(stamped_build::References::Leave).encodings([]).embed(stamped_build::Embed::{embed})"
        );
        let pipeline = format!("stamped_build::Pipeline::new({folder:?}){settings}.bake()");
        project.build_script(&pipeline);
        let start = Instant::now();
        let output = project.cargo(&["build", "--profile", profile]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let built = start.elapsed();
        let output = project.cargo(&["run", "--profile", profile]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let said = String::from_utf8_lossy(&output.stdout);
        let size = fs::metadata(project.program(place)).unwrap().len();
        print!("{profile}, {embed}: built in {built:.1?}, program {size} bytes, {said}");
    }
}

use std::path::Path;
use std::process::Command;

/// The command at this path, as [`own_cache`] runs it.
#[must_use]
pub fn stamped(program: &str) -> Command {
    let mut command = Command::new(program);
    own_cache(&mut command, program);
    command
}

/// Gives a command that runs `program` a folder for caches beside it, so that no test writes into
/// the home of the person who runs it.
pub fn own_cache(command: &mut Command, program: &str) {
    let home = Path::new(program).with_file_name("home-of-tests");
    command.env("XDG_CACHE_HOME", home.join("cache")).env("LOCALAPPDATA", home.join("cache"));
    if cfg!(target_vendor = "apple") {
        command.env("HOME", home);
    }
    command.env_remove("STAMPED_CACHE");
}

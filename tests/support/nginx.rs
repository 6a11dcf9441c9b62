//! Runs nginx with all its files in the folder of a test.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Writes the main configuration; `http` is what its block of that name has in it.
pub(crate) fn configure(folder: &Path, http: &str) -> PathBuf {
    let module = Path::new("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so");
    let load = match module.exists() {
        true => format!("load_module {};", module.display()),
        false => String::new(),
    };
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|kind| format!("{kind}_temp_path {}/{kind};\n", folder.display()))
        .collect();
    // Workers would give up root's rights, and with them the test's folder.
    let user = if fs::metadata(folder).unwrap().uid() == 0 { "user root;" } else { "" };
    let main = format!(
        "{load}\n{user}\ndaemon off;\npid {};\nerror_log stderr warn;\nworker_processes 1;\n\
         events {{ worker_connections 64; }}\n\
         http {{\n{temporary}access_log off;\n{http}\n}}\n",
        folder.join("nginx.pid").display()
    );
    let path = folder.join("nginx.conf");
    fs::write(&path, main).unwrap();
    path
}

/// nginx with a configuration in this folder.
pub(crate) fn command(folder: &Path, configuration: &Path) -> Command {
    let mut command = Command::new("nginx");
    command.arg("-p").arg(folder).arg("-c").arg(configuration).args(["-e", "stderr"]);
    command
}

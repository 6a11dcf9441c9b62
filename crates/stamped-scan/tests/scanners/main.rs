//! What holds for every scanner and every file, and the scanners beside other implementations.

mod files;
mod html;
mod javascript;
mod support;

//! The binary embeds the built front ends: build it again when they change.
fn main() {
    for watched in ["widget/dist", "console/dist", "migrations", "templates"] {
        println!("cargo:rerun-if-changed={watched}");
    }
}

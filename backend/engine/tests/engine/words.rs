//! The engine knows no word of a product.

use std::fs;
use std::path::{Path, PathBuf};

const WORDS: [&str; 7] = ["visitor", "operator", "site", "tenant", "conversation", "promotion", "sqlx"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn no_product_word_is_in_the_engines_sources() {
    let mut found = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    let mut breaches = Vec::new();
    for path in &found {
        for (number, line) in fs::read_to_string(path).unwrap().to_lowercase().lines().enumerate() {
            if let Some(word) = WORDS.iter().find(|word| line.contains(**word)) {
                breaches.push(format!("{}:{} says {word}", path.display(), number + 1));
            }
        }
    }
    assert!(found.len() > 20 && breaches.is_empty(), "{breaches:#?}");
}

//! How the sources are cut: who may import whom and where each crate is at home, as docs/ARCHITECTURE.md says, and an engine that knows no word of
//! the product. Each breach is named by file and line.

use std::collections::{BTreeMap, BTreeSet};

use crate::tree;

/// Rows of a table of docs/ARCHITECTURE.md, found by its heading row.
fn table(heading: &str) -> Vec<(String, String)> {
    let document = tree::read("docs/ARCHITECTURE.md");
    let rows = document.lines().skip_while(|line| *line != heading).skip(2).take_while(|line| line.starts_with('|'));
    let rows: Vec<(String, String)> = rows
        .map(|row| {
            let cells: Vec<&str> = row.trim_matches('|').splitn(2, '|').map(str::trim).collect();
            (cells[0].to_owned(), cells[1].to_owned())
        })
        .collect();
    assert!(!rows.is_empty(), "docs/ARCHITECTURE.md has no table {heading}");
    rows
}

/// The words in backticks.
fn ticked(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(ToOwned::to_owned).collect()
}

/// The code of a file, line by line with its number: without comments, and without the tests at its end.
fn code(source: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = source.lines().enumerate().map(|(number, line)| (number + 1, line));
    lines.take_while(|(_, line)| !line.starts_with("#[cfg(test)]")).filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// True where `word` stands alone.
fn has_word(line: &str, word: &str) -> bool {
    let part_of_word = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    line.match_indices(word)
        .any(|(place, _)| !part_of_word(line[..place].chars().next_back()) && !part_of_word(line[place + word.len()..].chars().next()))
}

/// The product's own modules, and the one a file belongs to.
fn module_of(path: &str) -> &str {
    path.trim_start_matches("backend/src/").split(['/', '.']).next().unwrap()
}

/// Modules that a line names after `crate::`, also of a group in braces.
fn imported(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (place, _) in line.match_indices("crate::") {
        if line[..place].ends_with(|before: char| before == '$' || before.is_alphanumeric() || before == '_') {
            continue;
        }
        let rest = &line[place + "crate::".len()..];
        let word =
            |text: &str| text.trim().split(|letter: char| !letter.is_alphanumeric() && letter != '_').next().unwrap_or_default().to_owned();
        match rest.strip_prefix('{') {
            Some(group) => found.extend(items(group).into_iter().map(word)),
            None => found.push(word(rest)),
        }
    }
    found
}

/// The items of a group whose opening brace is behind us; groups inside stay whole.
fn items(group: &str) -> Vec<&str> {
    let (mut depth, mut from, mut items) = (0_usize, 0, Vec::new());
    for (place, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                items.push(&group[from..place]);
                from = place + 1;
                if letter == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    items
}

#[test]
fn modules_import_what_the_architecture_allows() {
    let allowed: BTreeMap<String, BTreeSet<String>> = table("| module | may import |")
        .iter()
        .map(|(module, may)| (ticked(module).remove(0), ticked(may).into_iter().collect()))
        .collect();
    let modules: BTreeSet<String> = tree::read("backend/src/lib.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ").map(|name| name.trim_end_matches(';').to_owned()))
        .collect();
    assert_eq!(allowed.keys().cloned().collect::<BTreeSet<_>>(), modules, "every module of lib.rs has a row, and no other");
    let mut breaches = Vec::new();
    for (path, source) in tree::rust_files("backend/src") {
        let module = module_of(&path);
        let Some(may) = allowed.get(module).filter(|_| !path.ends_with("tests.rs")) else { continue };
        for (number, line) in code(&source) {
            let foreign = imported(line).into_iter().filter(|name| modules.contains(name) && name != module && !may.contains(name));
            breaches.extend(foreign.map(|name| format!("{path}:{number}: {module} may not import {name}")));
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn edges_do_not_import_one_another() {
    let allowed: BTreeMap<String, Vec<String>> =
        table("| module | may import |").iter().map(|(module, may)| (ticked(module).remove(0), ticked(may))).collect();
    for edge in ["api", "widget", "pages"] {
        for other in ["api", "widget", "pages", "db"] {
            assert!(!allowed[edge].contains(&other.to_owned()), "{edge} may not import {other}, whatever the table says");
        }
    }
}

/// A home is a path below backend/src or from the root, a folder, or a file's name wherever it stands.
fn is_home(path: &str, homes: &str) -> bool {
    let named = homes.split(',').flat_map(|part| ticked(part).into_iter().map(|home| (part.contains("every `"), home)).collect::<Vec<_>>());
    named.into_iter().any(|(anywhere, home)| {
        let place = if home.starts_with("backend/") { home.clone() } else { format!("backend/src/{home}") };
        path == place || (place.ends_with('/') && path.starts_with(&place)) || (anywhere && path.ends_with(&format!("/{home}")))
    })
}

#[test]
fn third_party_crates_stay_at_home() {
    let mut homes: BTreeMap<String, String> = BTreeMap::new();
    for (crates, home) in table("| crate | home |") {
        for name in ticked(&crates).into_iter().filter(|_| crates.starts_with('`')) {
            let all = homes.entry(name).or_default();
            *all = format!("{all}, {home}");
        }
    }
    // At home nowhere.
    homes.insert("fred".to_owned(), String::new());
    let mut breaches = Vec::new();
    let engine = tree::rust_files("backend/engine/src");
    for (path, source) in tree::rust_files("backend/src").into_iter().chain(engine).filter(|(path, _)| !path.ends_with("tests.rs")) {
        for (number, line) in code(&source) {
            let names =
                |name: &str| has_word(line, name) && (line.contains(&format!("{name}::")) || line.contains(&format!("use {name};")));
            let foreign = homes.iter().filter(|(name, home)| names(name) && line_is_of_crate(line, name) && !is_home(&path, home));
            breaches.extend(foreign.map(|(name, _)| format!("{path}:{number}: {name} is not at home here")));
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

/// Tells the crate `url::…` from our own `text::url::…`.
fn line_is_of_crate(line: &str, name: &str) -> bool {
    line.match_indices(&format!("{name}::")).any(|(place, _)| {
        let before = &line[..place];
        let own = before.ends_with("::") && !before.ends_with(" ::");
        let longer = before.ends_with(|letter: char| letter.is_alphanumeric() || letter == '_');
        !own && !longer
    })
}

#[test]
fn the_environment_is_read_by_the_settings_only() {
    let mut breaches = Vec::new();
    for (path, source) in tree::rust_files("backend") {
        if matches!(path.as_str(), "backend/src/config.rs" | "backend/src/main.rs")
            || path.contains("/tests/")
            || path.contains("/examples/")
        {
            continue;
        }
        let reads = code(&source).filter(|(_, line)| line.contains("env::") && !line.contains("env!("));
        breaches.extend(reads.map(|(number, line)| format!("{path}:{number}: {}", line.trim())));
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn the_engine_knows_no_word_of_the_product() {
    const WORDS: [&str; 7] = ["visitor", "operator", "site", "tenant", "conversation", "promotion", "stalk"];
    let mut breaches = Vec::new();
    for (path, source) in tree::rust_files("backend/engine/src") {
        for (number, line) in source.lines().enumerate() {
            let lower = line.to_lowercase();
            let found = WORDS.iter().filter(|word| has_word(&lower, word) || has_word(&lower, &format!("{word}s")));
            breaches.extend(found.map(|word| format!("{path}:{}: {word}", number + 1)));
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn the_readers_of_sources_see_what_they_should() {
    assert_eq!(imported("use crate::{ids::VisitorId, scope::SiteScope};"), ["ids", "scope"]);
    assert_eq!(imported("use crate::api::v1::model;"), ["api"]);
    assert_eq!(imported("use crate::{conversations::{self, Command}, offline};"), ["conversations", "offline"]);
    assert_eq!(imported("fn f() -> crate::db::DbResult<crate::ids::SiteId>"), ["db", "ids"]);
    assert_eq!(imported("$crate::db::Tx::Sqlite(tx) => 1"), Vec::<String>::new());
    assert!(
        line_is_of_crate("use url::Url;", "url") && !line_is_of_crate("crate::url::Url", "url") && !line_is_of_crate("my_url::x", "url")
    );
    assert!(has_word("a site.", "site") && !has_word("a composite", "site"));
    assert!(
        is_home("backend/src/sites/store.rs", "`db.rs`, every `store.rs`")
            && !is_home("backend/src/sites/model.rs", "`db.rs`, every `store.rs`")
    );
    assert_eq!(tree::quoted(r#"x("a \"b\"", "c")"#), ["a \"b\"", "c"]);
}

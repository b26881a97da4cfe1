//! The mark of a folder of files: nodes that read the same one share the folder.

use std::io::ErrorKind;
use std::path::Path;

use uuid::Uuid;

const NAME: &str = ".stalk-files";

/// The mark of a folder, made by whoever comes first. Blocks.
pub(super) fn of(folder: &Path) -> std::io::Result<String> {
    let (mark, fresh) = (folder.join(NAME), folder.join(format!("{NAME}.{}", Uuid::new_v4())));
    if let Err(error) = std::fs::read_to_string(&mark)
        && error.kind() == ErrorKind::NotFound
    {
        // Whole or not at all, and only once, also where the folder is on another machine.
        std::fs::write(&fresh, Uuid::new_v4().to_string())?;
        let linked = std::fs::hard_link(&fresh, &mark);
        std::fs::remove_file(&fresh)?;
        linked.or_else(|error| if error.kind() == ErrorKind::AlreadyExists { Ok(()) } else { Err(error) })?;
    }
    Ok(std::fs::read_to_string(&mark)?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_mark_however_often_it_is_asked_and_another_folder_has_another() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let marks: Vec<String> = std::thread::scope(|scope| {
            let asking: Vec<_> = (0..8).map(|_| scope.spawn(|| of(one.path()).unwrap())).collect();
            asking.into_iter().map(|asked| asked.join().unwrap()).collect()
        });
        assert!(marks.iter().all(|mark| *mark == marks[0] && mark.len() == 36), "{marks:?}");
        assert_ne!(of(two.path()).unwrap(), marks[0]);
        assert_eq!(std::fs::read_dir(one.path()).unwrap().count(), 1, "nothing else stays behind");
    }
}

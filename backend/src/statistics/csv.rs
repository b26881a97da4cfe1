//! Tables as CSV for spreadsheets. What visitors and pages wrote could begin like a formula: such a cell gets an apostrophe in front, so that it
//! stays the text that it is.

/// Begins a file: the mark by which spreadsheets know that it is UTF-8.
const MARK: char = '\u{feff}';

/// A cell.
#[derive(Clone, Debug)]
pub enum Cell {
    /// Somebody's words.
    Text(String),
    /// A number of ours.
    Number(i64),
    /// An amount of ours.
    Amount(f64),
    /// Nothing known.
    Empty,
}

/// A whole file: a line of headings, then the rows.
pub fn file(headings: &[&str], rows: &[Vec<Cell>]) -> String {
    let mut out = String::from(MARK);
    let first: Vec<Cell> = headings.iter().map(|heading| Cell::Text((*heading).to_owned())).collect();
    for row in std::iter::once(&first).chain(rows) {
        let line: Vec<String> = row.iter().map(written).collect();
        out.push_str(&line.join(","));
        out.push_str("\r\n");
    }
    out
}

fn written(cell: &Cell) -> String {
    match cell {
        Cell::Number(number) => number.to_string(),
        Cell::Amount(amount) => amount.to_string(),
        Cell::Empty => String::new(),
        Cell::Text(text) => {
            let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
            format!("\"{}{}\"", if formula { "'" } else { "" }, text.replace('"', "\"\""))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_every_text_stays_in_its_cell() {
        let texts = ["=1+1", "+82", "-1", "@SUM(A1)", "\t=1", "a,\"b\"\nc", "달항아리"].map(|text| vec![Cell::Text(text.to_owned())]);
        let lines: Vec<String> = file(&["title"], &texts).split("\r\n").map(ToOwned::to_owned).collect();
        assert_eq!(lines[0], "\u{feff}\"title\"");
        assert_eq!(&lines[1..6], ["\"'=1+1\"", "\"'+82\"", "\"'-1\"", "\"'@SUM(A1)\"", "\"'\t=1\""]);
        assert_eq!(&lines[6..], ["\"a,\"\"b\"\"\nc\"", "\"달항아리\"", ""]);
        assert_eq!(file(&[], &[vec![Cell::Number(-5), Cell::Amount(0.5), Cell::Empty]]), "\u{feff}\r\n-5,0.5,\r\n");
    }
}

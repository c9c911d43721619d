//! A page of text: lines, indented blocks and tables that fit the terminal.

use std::fmt::{Arguments, Write};
use std::io::{self, IsTerminal};

use anstyle::Style;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, presets};

use super::style::HEADING;
use super::text::clean;

/// Text on its way to standard output.
pub(crate) struct Page {
    text: String,
    /// Columns of the terminal; `None` when the reader is none, who wants a row on one line.
    width: Option<u16>,
}

/// What a table does with a column.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// Never broken: an id has to survive copying.
    Whole,
    /// A number, flush right and never broken.
    Number,
    /// Free text: wrapped if the terminal is narrow.
    Text,
}

impl Page {
    /// A page that, indented so far, is as wide as the terminal, if standard output is one.
    pub(crate) fn for_stdout(indent: u16) -> Self {
        let terminal = io::stdout().is_terminal();
        let size = terminal.then(|| terminal_size::terminal_size_of(io::stdout())).flatten();
        Self::with_width(size.map(|(width, _)| width.0.saturating_sub(indent)))
    }

    fn with_width(width: Option<u16>) -> Self {
        Self { text: String::new(), width }
    }

    /// The text so far, with its colours.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Adds a line. What others wrote must have gone through [`clean`].
    pub(crate) fn line(&mut self, line: Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = writeln!(self.text, "{line}");
    }

    /// Adds what others wrote as it is laid out, indented; cleaned here.
    pub(crate) fn block(&mut self, text: &str) {
        for line in text.lines() {
            self.line(format_args!("    {}", clean(line)));
        }
    }

    /// Adds a table. The cells are cleaned here.
    pub(crate) fn table(&mut self, columns: &[(&str, Column)], rows: &[Vec<String>]) {
        // On a terminal space is dear, and a column without a word wastes it; into a pipe the same
        // columns always go, since the reader may count them.
        let told = |index: usize| rows.iter().any(|row| !row[index].is_empty());
        let shown = (0..columns.len()).filter(|index| self.width.is_none() || told(*index));
        let shown: Vec<usize> = shown.collect();

        let mut table = self.empty_table();
        table.set_header(shown.iter().map(|index| columns[*index].0));
        for row in rows {
            table.add_row(shown.iter().map(|index| clean(&row[*index]).to_string()));
        }
        for (settings, index) in table.column_iter_mut().zip(&shown) {
            columns[*index].1.arrange(settings);
        }
        for (number, line) in table.lines().enumerate() {
            let look = if number == 0 { HEADING } else { Style::new() };
            self.line(format_args!("{look}{}{look:#}", line.trim_end()));
        }
    }

    fn empty_table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        match self.width {
            Some(width) => {
                table.set_width(width).set_content_arrangement(ContentArrangement::Dynamic)
            }
            None => table.set_content_arrangement(ContentArrangement::Disabled),
        };
        table
    }
}

impl Column {
    fn arrange(self, settings: &mut comfy_table::Column) {
        settings.set_padding((0, 2));
        if self != Self::Text {
            settings.set_constraint(ColumnConstraint::ContentWidth);
        }
        if self == Self::Number {
            settings.set_cell_alignment(CellAlignment::Right);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Column, Page};

    const COLUMNS: [(&str, Column); 3] =
        [("ID", Column::Whole), ("MAIL", Column::Number), ("DESCRIPTION", Column::Text)];

    fn table(width: Option<u16>) -> String {
        let mut page = Page::with_width(width);
        let long = "writes and reviews parsers in several languages".to_owned();
        let bob = vec!["bob-the-reviewer".to_owned(), "7".to_owned(), long];
        let eve = vec!["eve".to_owned(), "1234".to_owned(), "\x1b[2J".to_owned()];
        page.table(&COLUMNS, &[bob, eve]);
        anstream::adapter::strip_str(page.as_str()).to_string()
    }

    #[test]
    fn a_table_fits_the_terminal_and_breaks_no_id() {
        let text = table(Some(50));
        assert!(text.lines().all(|line| line.chars().count() <= 50), "{text}");
        assert!(text.contains("bob-the-reviewer"), "{text}");
        assert!(text.lines().count() > 3, "the description is wrapped: {text}");
    }

    #[test]
    fn into_a_pipe_a_row_is_a_line() {
        let text = table(None);
        let rows: Vec<Vec<&str>> = text.lines().map(|l| l.split_whitespace().collect()).collect();
        assert_eq!(rows[0], ["ID", "MAIL", "DESCRIPTION"]);
        assert_eq!(rows[1][..4], ["bob-the-reviewer", "7", "writes", "and"]);
        assert_eq!(rows[2], ["eve", "1234", "\\u{1b}[2J"]);
        assert_eq!(rows.len(), 3);
    }
    #[test]
    fn a_column_without_a_word_is_shown_to_programs_only() {
        let rows = [vec!["bob".to_owned(), "1".to_owned(), String::new()]];
        for (width, shown) in [(Some(80), false), (None, true)] {
            let mut page = Page::with_width(width);
            page.table(&COLUMNS, &rows);
            assert_eq!(page.as_str().contains("DESCRIPTION"), shown);
        }
    }
}

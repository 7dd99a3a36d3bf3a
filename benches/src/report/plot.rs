//! A table as a picture: a bar for each peer and case, to the right where the first side is faster and to the left where it is slower,
//! on a scale on which twice and half are equally long.

use super::{Table, format};
use std::fmt::Write;

const WIDTH: f64 = 760.0;
/// Space for the names of cases.
const LEFT: f64 = 110.0;
/// Space for figures.
const RIGHT: f64 = 50.0;
const TOP: f64 = 44.0;
const BAR: f64 = 10.0;
const GAP: f64 = 6.0;
/// Told apart by those too who see no red and green.
const COLORS: [&str; 4] = ["#0072b2", "#e69f00", "#009e73", "#cc79a7"];

/// The picture; `None` of a table in which nothing is compared.
pub(super) fn plot(table: &Table) -> Option<String> {
    let peers = table.sides.len().checked_sub(1).filter(|peers| *peers > 0)?;
    let ratios = table.rows.iter().flat_map(|row| (1..=peers).filter_map(move |side| row.ratio(side)));
    // As far as the longest bar, a doubling at least.
    let most = ratios.map(|ratio| ratio.log2().abs()).filter(|length| length.is_finite()).reduce(f64::max)?.max(1.0).ceil();
    let middle = LEFT + (WIDTH - LEFT - RIGHT) / 2.0;
    let doubling = (WIDTH - LEFT - RIGHT) / 2.0 / most;
    let row_height = BAR * peers as f64 + GAP;
    let height = TOP + row_height * table.rows.len() as f64 + GAP;
    let mut svg = String::new();
    // Writing to a text cannot fail.
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"sans-serif\" font-size=\"10\">\n<rect width=\"{WIDTH}\" height=\"{height}\" fill=\"white\"/>"
    );
    legend(&mut svg, table);
    axis(&mut svg, most as i32, middle, doubling, height);
    for (at, row) in table.rows.iter().enumerate() {
        let top = TOP + row_height * at as f64;
        text(&mut svg, LEFT - 6.0, top + row_height / 2.0, "end", &row.case);
        for side in 1..=peers {
            let y = top + BAR * (side - 1) as f64;
            match row.ratio(side).filter(|ratio| ratio.log2().is_finite()) {
                Some(ratio) => bar(&mut svg, middle, y, ratio.log2() * doubling, side, ratio),
                None => text(&mut svg, middle + 4.0, y + BAR - 2.0, "start", "–"),
            }
        }
    }
    svg.push_str("</svg>\n");
    Some(svg)
}

/// Who is who, and what right and left mean.
fn legend(svg: &mut String, table: &Table) {
    let ours = table.sides.first().map_or("", String::as_str);
    text(svg, LEFT, 12.0, "start", &format!("time of a peer / time of {ours}: right of 1, {ours} is faster"));
    for (at, peer) in table.sides.iter().skip(1).enumerate() {
        let x = LEFT + 130.0 * at as f64;
        let _ = writeln!(svg, "<rect x=\"{x}\" y=\"18\" width=\"9\" height=\"9\" fill=\"{}\"/>", COLORS[at % COLORS.len()]);
        text(svg, x + 13.0, 26.0, "start", peer);
    }
}

/// Lines at 1, at its doubles and at its halves.
fn axis(svg: &mut String, most: i32, middle: f64, doubling: f64, height: f64) {
    // No more than some twenty lines.
    let step = (most / 8).max(1);
    for power in (-most..=most).filter(|power| power % step == 0) {
        let x = middle + doubling * f64::from(power);
        let color = if power == 0 { "#444" } else { "#ddd" };
        let _ = writeln!(svg, "<line x1=\"{x:.1}\" y1=\"{TOP}\" x2=\"{x:.1}\" y2=\"{height}\" stroke=\"{color}\"/>");
        let label = if power < 0 { format!("1/{}", 1u64 << -power) } else { (1u64 << power).to_string() };
        text(svg, x, TOP - 4.0, "middle", &label);
    }
}

fn bar(svg: &mut String, middle: f64, y: f64, length: f64, side: usize, ratio: f64) {
    let color = COLORS[(side - 1) % COLORS.len()];
    let (x, width) = (middle + length.min(0.0), length.abs());
    let _ = writeln!(svg, "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{}\" fill=\"{color}\"/>", BAR - 1.0);
    // Beside the end of the bar; the bars to the left have their figures on the other side of 1.
    text(svg, middle + length.max(0.0) + 4.0, y + BAR - 2.0, "start", &format::ratio(ratio));
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, text: &str) {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::tests::report;

    /// Every tag is closed, in order, and every attribute is quoted.
    fn assert_well_formed(svg: &str) {
        let mut open: Vec<&str> = Vec::new();
        for piece in svg.split('<').skip(1) {
            let (tag, text) = piece.split_once('>').unwrap();
            let references = text.split('&').skip(1);
            references.for_each(|reference| assert!(["amp;", "lt;", "gt;"].iter().any(|known| reference.starts_with(known)), "{text}"));
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
            match (tag.strip_prefix('/'), tag.ends_with('/')) {
                (Some(name), _) => assert_eq!(open.pop(), Some(name), "{svg}"),
                (None, false) => open.push(tag.split_whitespace().next().unwrap()),
                (None, true) => {}
            }
        }
        assert!(open.is_empty(), "{open:?}");
    }

    #[test]
    fn a_win_goes_to_the_right_and_a_loss_as_far_to_the_left() {
        let svg = plot(&report().sections[0].tables[0]).unwrap();
        assert_well_formed(&svg);
        let middle = LEFT + (WIDTH - LEFT - RIGHT) / 2.0;
        let half = (WIDTH - LEFT - RIGHT) / 2.0;
        assert!(svg.contains(&format!("<rect x=\"{middle:.1}\" y=\"{TOP:.1}\" width=\"{half:.1}\"")), "{svg}");
        assert!(svg.contains(&format!("<rect x=\"{LEFT:.1}\" y=\"{:.1}\" width=\"{half:.1}\"", TOP + BAR + GAP)), "{svg}");
        assert!(svg.contains(">2.00×<") && svg.contains(">0.50×<") && svg.contains(">–<"), "{svg}");
    }

    #[test]
    fn names_cannot_break_the_picture() {
        let mut table = report().sections[0].tables[0].clone();
        table.sides[1] = "a < b & \"c\"".to_owned();
        table.rows[0].case = "</svg>".to_owned();
        assert_well_formed(&plot(&table).unwrap());
    }

    #[test]
    fn ratios_of_thousands_fit() {
        let mut table = report().sections[0].tables[0].clone();
        table.rows[0].cells[1] = crate::report::model::tests::cell(&[1e5], 1);
        assert_well_formed(&plot(&table).unwrap());
    }

    #[test]
    fn there_is_no_picture_of_one_side() {
        let mut table = report().sections[0].tables[0].clone();
        table.sides.truncate(1);
        assert!(plot(&table).is_none());
        assert!(plot(&Table::new("empty", vec!["a".to_owned(), "b".to_owned()])).is_none());
    }
}

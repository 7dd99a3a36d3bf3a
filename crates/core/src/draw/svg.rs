//! SVG, self-contained: layers from left to right, tasks from top to bottom, coloured by what they do.
//!
//! The colours are tints of the Okabe-Ito palette, which colour-blind people tell apart.

use super::{
    layout::{Item, Layout, Place, Point, Route, Spacing, layout, point},
    picture::{Link, Node, Picture, Role},
};
use std::{
    collections::HashMap,
    fmt::{Result, Write},
};

const MARGIN: f64 = 24.0;
/// The height of a line of text, and the space above and below all of a box.
const LINE: f64 = 16.0;
const PADDING: f64 = 9.0;
/// Longer lines are cut in boxes; all of them is in the tool tip.
const LONGEST: usize = 48;

/// Fill and stroke of a box.
pub(crate) fn colours(node: &Node) -> (&'static str, &'static str) {
    match node.role {
        _ if node.held => ("#f2f4f7", "#667085"),
        Role::Source => ("#e3f1fb", "#0072b2"),
        Role::OneToOne => ("#e0f4ed", "#009e73"),
        Role::Exchange => ("#fdf0d5", "#c98200"),
        Role::Output => ("#f8e6f0", "#b0568a"),
        Role::Junction => ("#667085", "#667085"),
    }
}

/// What the colour of a box means.
pub(crate) fn meaning(node: &Node) -> &'static str {
    match node.role {
        _ if node.held => HELD,
        Role::Source => "source",
        Role::OneToOne => "one-to-one",
        Role::Exchange => "exchange",
        Role::Output => "output",
        Role::Junction => "junction",
    }
}

/// The lines of a box: its name, its notes, its keys.
pub(crate) fn lines(node: &Node) -> Vec<String> {
    let keys = (!node.keys.is_empty()).then(|| format!("→ {}", node.keys));
    std::iter::once(&node.label).chain(&node.notes).cloned().chain(keys).collect()
}

pub(crate) fn draw(picture: &Picture) -> String {
    let mut svg = String::new();
    // Writing to a string cannot fail.
    let _ = Drawing::new(picture).write(&mut svg);
    svg
}

struct Drawing<'a> {
    picture: &'a Picture,
    layout: Layout,
    /// The names of the groups that `layout` knows by number.
    groups: Vec<&'a str>,
}

impl<'a> Drawing<'a> {
    fn new(picture: &'a Picture) -> Self {
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let mut groups = Vec::new();
        let group_of: Vec<usize> = picture
            .nodes
            .iter()
            .map(|node| {
                *numbers.entry(&node.layer).or_insert_with(|| {
                    groups.push(node.layer.as_str());
                    groups.len() - 1
                })
            })
            .collect();
        // The boxes of a layer are of one width.
        let mut widths: Vec<(f64, f64)> = vec![Default::default(); groups.len()];
        for (node, group) in picture.nodes.iter().zip(&group_of) {
            let (full, tight) = (size(node), node.index.map_or(0.0, |index| width(&index.to_string(), 11.0) + 10.0));
            let widest = &mut widths[*group];
            *widest = (widest.0.max(full.across), widest.1.max(tight));
        }
        let item = |(node, group): (&Node, &usize)| {
            let ((wide, tight), high) = (widths[*group], size(node).along);
            let (size, margin) = match node.role {
                Role::Junction => (point(9.0, 9.0), width(&node.label, 11.0)),
                _ if picture.by_task => (point(wide, high), 0.0),
                _ => (point(high, wide), 0.0),
            };
            let group = if picture.by_task { *group } else { 0 };
            Item { size, margin, tight: node.index.map(|_| point(tight, 20.0)), group }
        };
        let items: Vec<Item> = picture.nodes.iter().zip(&group_of).map(item).collect();
        let links: Vec<(usize, usize)> = picture.links.iter().map(|link| (link.from, link.to)).collect();
        let label = picture.links.iter().map(|link| width(&link.kind, 11.0)).fold(0.0, f64::max);
        let ranks = if picture.by_task { 40.0 } else { label + 32.0 };
        let layout = layout(&items, &links, Spacing { boxes: 20.0, ranks, heading: 22.0 });
        Drawing { picture, layout, groups }
    }

    /// The point of the picture: ranks run down for tasks, to the right for layers.
    fn at(&self, p: Point) -> (f64, f64) {
        let (x, y) = if self.picture.by_task { (p.across, p.along) } else { (p.along, p.across) };
        (x + MARGIN, y + MARGIN)
    }

    fn write(&self, svg: &mut String) -> Result {
        let legend = self.legend();
        let (right, bottom) = self.at(self.layout.size);
        let caption = self.picture.caption.as_deref().unwrap_or_default();
        let wide =
            (right + MARGIN).max(legend.iter().map(|(_, x, _)| *x).fold(0.0, f64::max) + 90.0).max(width(caption, 12.0) + 2.0 * MARGIN);
        let (shift, high) = ((wide - right - MARGIN) / 2.0, bottom + 56.0 + if caption.is_empty() { 0.0 } else { 22.0 });
        let head = if self.is_dense() { 6 } else { 8 };
        let title = escape(&self.picture.title);
        writeln!(
            svg,
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{wide:.0}" height="{high:.0}" viewBox="0 0 {wide:.0} {high:.0}" role="img" aria-label="Task graph: {title}" font-family="Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif" font-size="13" fill="{INK}">"#
        )?;
        writeln!(svg, "<title>Task graph: {title}</title>")?;
        writeln!(
            svg,
            r#"<defs><marker id="stratal-arrow" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="{head}" markerHeight="{head}" markerUnits="userSpaceOnUse" orient="auto"><path d="M0,0.8 L8,4 L0,7.2 z" fill="{GREY}"/></marker></defs>"#
        )?;
        writeln!(svg, r##"<rect width="100%" height="100%" fill="#ffffff"/>"##)?;
        writeln!(svg, r#"<g transform="translate({shift:.1},0)">"#)?;
        self.write_arrows(svg)?;
        for (node, place) in self.picture.nodes.iter().zip(&self.layout.places) {
            self.write_node(svg, node, place)?;
        }
        for (group, place) in &self.layout.headings {
            let (x, y) = self.at(*place);
            writeln!(
                svg,
                r##"<text x="{x:.1}" y="{:.1}" font-size="12" font-weight="600" {HALO}>{}</text>"##,
                y - 7.0,
                escape(self.groups[*group])
            )?;
        }
        writeln!(svg, "</g>")?;
        for (name, x, (fill, stroke)) in legend {
            let dashes = if name == HELD { DASHES } else { "" };
            writeln!(
                svg,
                r#"<rect x="{x:.1}" y="{:.1}" width="12" height="12" rx="3" fill="{fill}" stroke="{stroke}"{dashes}/>"#,
                bottom + 22.0
            )?;
            writeln!(svg, r#"<text x="{:.1}" y="{:.1}" font-size="11" fill="{GREY}">{name}</text>"#, x + 18.0, bottom + 32.0)?;
        }
        if !caption.is_empty() {
            writeln!(svg, r#"<text x="{MARGIN}" y="{:.1}" font-size="12" fill="{GREY}">{}</text>"#, bottom + 56.0, escape(caption))?;
        }
        writeln!(svg, "</svg>")
    }

    fn is_dense(&self) -> bool {
        self.picture.links.len() > 200
    }

    fn write_arrows(&self, svg: &mut String) -> Result {
        let thin = if self.is_dense() { 0.9 } else { 1.3 };
        writeln!(svg, r#"<g fill="none" stroke="{GREY}" stroke-width="{thin}" stroke-linecap="round">"#)?;
        for (link, route) in self.picture.links.iter().zip(&self.layout.routes) {
            let head = if self.picture.nodes[link.to].role == Role::Junction { "" } else { r#" marker-end="url(#stratal-arrow)""# };
            writeln!(svg, r#"<path d="{}"{head}/>"#, self.path(route))?;
        }
        writeln!(svg, "</g>")?;
        // Among too many arrows, kinds would only cover each other.
        let is_named = |link: &Link| !link.kind.is_empty() && !self.is_dense();
        for (link, route) in self.picture.links.iter().zip(&self.layout.routes).filter(|(link, _)| is_named(link)) {
            // The longest piece has room for the kind.
            let pieces = route.points.windows(2).map(|pair| (self.at(pair[0]), self.at(pair[1])));
            let Some((from, to)) = pieces.max_by(|a, b| (a.1.0 - a.0.0).total_cmp(&(b.1.0 - b.0.0))) else { continue };
            let (x, y) = ((from.0 + to.0) / 2.0 - 3.0, (from.1 + to.1) / 2.0 - 5.0);
            writeln!(
                svg,
                r#"<text x="{x:.1}" y="{y:.1}" text-anchor="middle" font-size="11" fill="{GREY}" {HALO}>{}</text>"#,
                escape(&link.kind)
            )?;
        }
        Ok(())
    }

    /// Straight pieces where a route runs along, else curves that start and end along.
    fn path(&self, route: &Route) -> String {
        let pair = |p: Point| {
            let (x, y) = self.at(p);
            format!("{x:.1},{y:.1}")
        };
        let mut path = route.points.first().map_or(String::new(), |start| format!("M{}", pair(*start)));
        let last = route.points.len().saturating_sub(2);
        for (at, ends) in route.points.windows(2).enumerate() {
            let (from, to) = (ends[0], ends[1]);
            let middle = (from.along + to.along) / 2.0;
            path += &match () {
                () if route.corners.0 && at == 0 => format!(" Q{} {}", pair(point(to.across, from.along)), pair(to)),
                () if route.corners.1 && at == last => format!(" Q{} {}", pair(point(from.across, to.along)), pair(to)),
                () if (from.across - to.across).abs() < 0.05 => format!(" L{}", pair(to)),
                () => format!(" C{} {} {}", pair(point(from.across, middle)), pair(point(to.across, middle)), pair(to)),
            };
        }
        path
    }

    fn write_node(&self, svg: &mut String, node: &Node, place: &Place) -> Result {
        let ((x, y), (fill, stroke)) = (self.at(place.center), colours(node));
        if node.role == Role::Junction {
            let label = format!("{} of {}", node.label, node.layer);
            writeln!(
                svg,
                r#"<g role="img" aria-label="{0}"><title>{0}</title><circle cx="{x:.1}" cy="{y:.1}" r="4.5" fill="{fill}"/>"#,
                escape(&label)
            )?;
            return writeln!(
                svg,
                r#"<text x="{:.1}" y="{:.1}" font-size="11" fill="{GREY}" {HALO}>{}</text></g>"#,
                x + 10.0,
                y + 4.0,
                escape(&node.label)
            );
        }
        let (wide, high) = if self.picture.by_task { (place.size.across, place.size.along) } else { (place.size.along, place.size.across) };
        let lines = lines(node);
        let body = (!node.body.is_empty()).then_some(&node.body);
        let label = escape(&lines.iter().chain(body).map(String::as_str).collect::<Vec<_>>().join("; "));
        let (radius, dashes) = (if place.is_tight { 4 } else { 7 }, if node.held { DASHES } else { "" });
        write!(svg, r#"<g role="img" aria-label="{label}"><title>{label}</title>"#)?;
        write!(
            svg,
            r#"<rect x="{:.1}" y="{:.1}" width="{wide:.1}" height="{high:.1}" rx="{radius}" fill="{fill}" stroke="{stroke}" stroke-width="1.4"{dashes}/>"#,
            x - wide / 2.0,
            y - high / 2.0
        )?;
        if let Some(index) = node.index.filter(|_| place.is_tight) {
            return writeln!(svg, r#"<text x="{x:.1}" y="{:.1}" text-anchor="middle" font-size="11">{index}</text></g>"#, y + 4.0);
        }
        let top = y - lines.len() as f64 * LINE / 2.0 + 12.5;
        for (at, line) in lines.iter().enumerate() {
            let style = match at {
                0 if self.picture.by_task => String::new(),
                0 => r#" font-weight="600""#.into(),
                _ if at + 1 == lines.len() && !node.keys.is_empty() => format!(r#" font-size="12" font-weight="600" fill="{stroke}""#),
                _ => format!(r#" font-size="12" fill="{GREY}""#),
            };
            write!(
                svg,
                r#"<text x="{x:.1}" y="{:.1}" text-anchor="middle"{style}>{}</text>"#,
                top + at as f64 * LINE,
                escape(&shorten(line))
            )?;
        }
        writeln!(svg, "</g>")
    }

    /// What the colours in the picture mean, and where that is said.
    fn legend(&self) -> Vec<(&'static str, f64, (&'static str, &'static str))> {
        let mut x = MARGIN;
        let named = |name: &'static str| {
            let node = self.picture.nodes.iter().find(|node| meaning(node) == name)?;
            let at = x;
            x += width(name, 11.0) + 44.0;
            Some((name, at, colours(node)))
        };
        ["source", "one-to-one", "exchange", "output", HELD].into_iter().filter_map(named).collect()
    }
}

const INK: &str = "#1d2939";
const GREY: &str = "#667085";
const HELD: &str = "held";
const DASHES: &str = r#" stroke-dasharray="4 3""#;
/// White around letters, where they stand on arrows.
const HALO: &str = r##"stroke="#ffffff" stroke-width="3" stroke-linejoin="round" paint-order="stroke""##;

/// How large a box must be for its lines.
fn size(node: &Node) -> Point {
    let lines = lines(node);
    let widest = lines.iter().map(|line| width(&shorten(line), 13.0)).fold(0.0, f64::max);
    point(widest + 24.0, lines.len() as f64 * LINE + 2.0 * PADDING)
}

/// About how wide a text is in a sans-serif font; rather too wide, since fonts differ.
fn width(text: &str, font_size: f64) -> f64 {
    let letter = |c: char| match c {
        'i' | 'j' | 'l' | 'f' | 't' | 'r' | 'I' | ' ' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | '(' | ')' | '[' | ']' | '-' => 0.38,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 0.95,
        'A'..='Z' => 0.74,
        _ if c.is_ascii() => 0.62,
        _ => 1.0,
    };
    text.chars().map(letter).sum::<f64>() * font_size
}

fn shorten(line: &str) -> String {
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

/// Text for content and attributes; characters that XML does not allow become a question mark.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(' '),
            '\u{fffe}' | '\u{ffff}' => escaped.push('?'),
            _ if c.is_control() => escaped.push('?'),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            Detail, Format,
            tests::{add, chain, reduction},
        },
        *,
    };
    use crate::graph::{EdgeMap, LayeredGraph};

    #[test]
    fn every_box_and_arrow_is_drawn() {
        let svg = chain(4).draw(Detail::Tasks, Format::Svg);
        assert_eq!((svg.matches("<g role=\"img\"").count(), svg.matches("marker-end").count()), (12, 8));
        assert_eq!(svg.matches("<g").count(), svg.matches("</g>").count());
        assert!(svg.contains(">read-csv[3]</text>") && svg.contains("aria-label=\"filter[0]; → out\""), "{svg}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }

    #[test]
    fn text_is_escaped() {
        let mut graph = LayeredGraph::default();
        let read = add(&mut graph, "<a & \"b\">\u{1}", 1, &[]);
        add(&mut graph, "sum", 1, &[(read, EdgeMap::All)]);
        let svg = graph.draw(Detail::Layers, Format::Svg);
        assert!(svg.contains(">&lt;a &amp; &quot;b&quot;&gt;?</text>") && !svg.contains('\u{1}'), "{svg}");
    }

    #[test]
    fn many_tasks_are_squares_under_a_heading() {
        let svg = reduction(436, 8).draw(Detail::Tasks, Format::Svg);
        assert_eq!(svg.matches(">read-parquet</text>").count(), 1);
        assert!(svg.contains(">435</text>") && svg.contains("<title>read-parquet[435]</title>"));
    }

    #[test]
    fn the_legend_names_what_there_is() {
        let svg = chain(2).draw(Detail::Layers, Format::Svg);
        assert!(svg.contains(">source</text>") && svg.contains(">output</text>") && !svg.contains(">exchange</text>"), "{svg}");
    }

    #[test]
    fn long_names_are_cut_by_letters() {
        assert_eq!(shorten(&"é".repeat(60)).chars().count(), LONGEST + 1);
        assert_eq!(shorten("short"), "short");
    }
}

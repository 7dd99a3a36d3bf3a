//! PNG, from the SVG, with the fonts of the machine.

use crate::{Error, ErrorKind, Result};
use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{
        Options, Tree,
        fontdb::{Database, Family, Query},
    },
};

/// Pixels a unit of the SVG, so that text is sharp.
const SCALE: f32 = 2.0;
/// The longest side and the area, in pixels; larger pictures are scaled down.
const LONGEST: f32 = 16_000.0;
const AREA: f32 = 64e6;

pub(crate) fn render(svg: &str) -> Result<Vec<u8>> {
    let mut options = Options::default();
    options.fontdb_mut().load_system_fonts();
    choose_sans_serif(options.fontdb_mut())?;
    let tree = Tree::from_str(svg, &options).map_err(|error| Error::internal(format!("the picture is no SVG: {error}")))?;
    let (width, height) = (tree.size().width(), tree.size().height());
    let scale = SCALE.min(LONGEST / width.max(height)).min((AREA / (width * height)).sqrt());
    let too_large = || Error::new(ErrorKind::Memory, format!("no memory for a picture of {width} x {height}"));
    let mut pixels = Pixmap::new((width * scale).ceil() as u32, (height * scale).ceil() as u32).ok_or_else(too_large)?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| Error::internal(format!("the picture does not encode: {error}")))
}

/// Sees to it that `sans-serif` means some font: without one, text is left out silently.
fn choose_sans_serif(fonts: &mut Database) -> Result<()> {
    if fonts.query(&Query { families: &[Family::SansSerif], ..Query::default() }).is_some() {
        return Ok(());
    }
    let families = || fonts.faces().filter_map(|face| face.families.first()).map(|(family, _)| family);
    let Some(family) = families().find(|family| family.contains("Sans")).or_else(|| families().next()).cloned() else {
        let help = "install a font (fonts-dejavu-core, for one), or draw to .svg";
        return Err(Error::new(ErrorKind::NotFound, "a PNG needs fonts and this machine has none").with_help(help));
    };
    fonts.set_sans_serif_family(family);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Detail, Format, tests::chain};

    #[test]
    fn a_picture_is_a_png_unless_the_machine_has_no_fonts() {
        match super::render(&chain(4).draw(Detail::Layers, Format::Svg)) {
            Ok(bytes) => assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n")),
            Err(error) => assert_eq!(error.kind(), crate::ErrorKind::NotFound),
        }
    }
}

import { decode } from "ol/Image";
import ImageSource from "ol/source/Image";
import { createLoader } from "ol/source/static";
import type { Size } from "../geometry/points";
import { imageExtent } from "./coordinates";
import type { PixelReader } from "./wire";

type Picture = ImageBitmap | HTMLImageElement;

const ahead = new Map<string, Promise<Picture>>();

/** Decode these pictures before they are shown, and let go of all others; a picture is its URL. */
export function decodeAhead(urls: readonly string[]): void {
  for (const url of ahead.keys()) if (!urls.includes(url)) ahead.delete(url);
  for (const url of urls) {
    if (ahead.has(url)) continue;
    const picture = decode(new Image(), url);
    // What cannot be decoded is told when it is shown, after another try.
    picture.catch(() => ahead.delete(url));
    ahead.set(url, picture);
  }
}

/** The picture of an image, that decoded ahead when there is one. */
export class PictureSource extends ImageSource {
  private picture: Picture | null = null;

  constructor(
    url: string,
    private readonly size: Size,
  ) {
    super({
      loader: createLoader({
        url,
        imageExtent: imageExtent(size),
        load: async (image, src) => {
          this.picture = await (ahead.get(src) ?? decode(image, src));
          return this.picture;
        },
      }),
    });
  }

  /** Its pixels in a box of the image, in so many columns and rows; null until it is there. */
  readonly pixelsOf: PixelReader = ([x0, y0, x1, y1], { width, height }) => {
    const { picture } = this;
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (!picture || !context) return null;
    // What is shown may be smaller than the image.
    const [byX, byY] = [picture.width / this.size.width, picture.height / this.size.height];
    context.imageSmoothingQuality = "medium";
    const [x, y, w, h] = [x0 * byX, y0 * byY, (x1 - x0) * byX, (y1 - y0) * byY];
    context.drawImage(picture, x, y, w, h, 0, 0, width, height);
    return context.getImageData(0, 0, width, height);
  };
}

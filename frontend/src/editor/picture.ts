import { decode } from "ol/Image";
import ImageSource from "ol/source/Image";
import { createLoader } from "ol/source/static";
import type { Size } from "../geometry/points";
import { imageExtent } from "./coordinates";

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
  constructor(url: string, size: Size) {
    super({
      loader: createLoader({
        url,
        imageExtent: imageExtent(size),
        load: (image, src) => ahead.get(src) ?? decode(image, src),
      }),
    });
  }
}

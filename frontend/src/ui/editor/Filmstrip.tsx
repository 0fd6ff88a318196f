import { memo, useEffect, useRef } from "react";
import { Link } from "react-router";
import { type Image, thumbnailUrl } from "../../api/client";
import { useImages } from "../queries";
import { StateDot } from "../shared/states";
import { useEndReached } from "../shared/useEndReached";
import classes from "./Filmstrip.module.css";

const Item = memo(function Item({ image, isCurrent }: { image: Image; isCurrent: boolean }) {
  const ref = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (isCurrent) ref.current?.scrollIntoView({ block: "nearest" });
  }, [isCurrent]);
  return (
    <Link
      ref={ref}
      to={`/projects/${image.project_id}/images/${image.id}`}
      className={classes.item}
      aria-current={isCurrent ? "page" : undefined}
      title={image.name}
    >
      <img src={thumbnailUrl(image)} alt="" loading="lazy" />
      <span className={classes.name}>
        <StateDot state={image.state} />
        <span>{image.name}</span>
      </span>
    </Link>
  );
});

/** The project's images beside the canvas. */
export function Filmstrip({ projectId, imageId }: { projectId: number; imageId: number }) {
  const images = useImages(projectId);
  const items = images.data?.pages.flatMap((page) => page.items) ?? [];
  const end = useEndReached(images.hasNextPage, () => {
    if (!images.isFetchingNextPage) void images.fetchNextPage();
  });
  return (
    <nav className={classes.strip} aria-label="Images" data-testid="filmstrip">
      {items.map((image) => (
        <Item key={image.id} image={image} isCurrent={image.id === imageId} />
      ))}
      <div ref={end} />
    </nav>
  );
}

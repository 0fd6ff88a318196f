import { memo, useEffect, useLayoutEffect, useRef } from "react";
import { Link } from "react-router";
import { type Image, thumbnailUrl } from "../../api/client";
import { useWaitingState } from "../app/sending";
import { FileName } from "../shared/FileName";
import { StateDot } from "../shared/states";
import { useEndReached } from "../shared/useEndReached";
import classes from "./Filmstrip.module.css";
import { useStrip } from "./useStrip";

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
        <StateDot state={useWaitingState(image.id) ?? image.state} />
        <FileName of={image.name} />
      </span>
    </Link>
  );
});

/** Keep what is seen where it is when images are put in above it. */
function useSteadyScroll(images: readonly Image[]) {
  const ref = useRef<HTMLElement>(null);
  const first = images[0]?.id;
  const before = useRef(first);
  useLayoutEffect(() => {
    const strip = ref.current;
    const top = images.findIndex(({ id }) => id === before.current);
    before.current = first;
    // The strip's first child is the mark of its start.
    const [newFirst, oldFirst] = [strip?.children[1], strip?.children[top + 1]];
    if (!strip || top <= 0 || !newFirst || !oldFirst) return;
    strip.scrollTop += oldFirst.getBoundingClientRect().top - newFirst.getBoundingClientRect().top;
  }, [first, images]);
  return ref;
}

/** The project's images beside the canvas. */
export function Filmstrip({ projectId, imageId }: { projectId: number; imageId: number }) {
  const { images, isMoreBefore, isMoreAfter, loadBefore, loadAfter } = useStrip(projectId, imageId);
  const strip = useSteadyScroll(images);
  const start = useEndReached(isMoreBefore, loadBefore);
  const end = useEndReached(isMoreAfter, loadAfter);
  return (
    <nav className={classes.strip} ref={strip} aria-label="Images" data-testid="filmstrip">
      <div className={classes.start} ref={start} />
      {images.map((image) => (
        <Item key={image.id} image={image} isCurrent={image.id === imageId} />
      ))}
      <div ref={end} />
    </nav>
  );
}

"""Files of a dataset → images and annotations of a project. Importing the same again changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from segmentarium.core.annotation import Annotation
from segmentarium.core.errors import InvalidSegmentation, MalformedFile
from segmentarium.formats.base import Dataset, DatasetImage, Files
from segmentarium.formats.support.problems import Problem, Problems
from segmentarium.services.fitting import fit, fit_facts, other_size
from segmentarium.services.import_categories import ImportedCategories
from segmentarium.services.import_ids import BatchIds
from segmentarium.services.import_images import Found, ImageFinder
from segmentarium.services.import_result import ImportResult
from segmentarium.services.readers import Reader, find_reader
from segmentarium.services.split_names import split_name
from segmentarium.services.uploads import UploadLimits
from segmentarium.storage.blobs import BlobStore
from segmentarium.storage.database import Database
from segmentarium.storage.images import add_images
from segmentarium.storage.imported import (
    NewAnnotation,
    add_annotations,
    highest_z_orders,
    known_annotations,
)
from segmentarium.storage.projects import require_role
from segmentarium.storage.tables import ImageRow
from segmentarium.storage.users import User

Report: TypeAlias = Callable[[float, str, Mapping[str, int]], None]

SOURCE = "import"
PROBLEMS_KEPT = 500
_IMAGES_AT_ONCE = 25
_ANNOTATIONS_AT_ONCE = 4_000
_HIGHEST = 2**31 - 1  # z-order that a database holds
_NOWHERE = UUID(int=0)  # until the place of an annotation is known


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """`format_name` "" finds it out. A dry run changes nothing. Strict, the first problem ends the import."""

    format_name: str = ""
    is_dry_run: bool = False
    is_strict: bool = False


def import_dataset(
    database: Database,
    blobs: BlobStore,
    user: User,
    project_id: int,
    files: Files,
    options: ImportOptions,
    limits: UploadLimits,
    report: Report,
) -> ImportResult:
    """Read files into a project, some images in a transaction, so that what a cancelled import did is whole.

    Categories are matched by name, images by content, or by name where the picture is not among the files; an
    annotation that came in before keeps its id, and is left as it is now. `report` may raise to cancel.

    Raises:
        UnknownFormat: no format recognizes the files, and none was named.
        MalformedFile: nothing can be read; or, strict, anything cannot.
        NotFound: the project is gone, or the user no member any more.
        Forbidden: the user may no longer annotate.
    """
    name, read = find_reader(files, options.format_name)
    if options.is_strict and not options.is_dry_run:
        # Looked through whole before anything is written.
        look = replace(options, is_dry_run=True)
        _Import(database, blobs, user, project_id, name, look, limits).run(files, read, report)
        # From here on only what others do meanwhile can be in the way: that is told, and stops nothing half-way.
        options = replace(options, is_strict=False)
    work = _Import(database, blobs, user, project_id, name, options, limits)
    return work.run(files, read, report)


class _Import:
    def __init__(
        self,
        database: Database,
        blobs: BlobStore,
        user: User,
        project_id: int,
        format_name: str,
        options: ImportOptions,
        limits: UploadLimits,
    ) -> None:
        self._database, self._blobs, self._user = database, blobs, user
        self._project_id, self._format_name, self._options = project_id, format_name, options
        self._limits = limits
        self._result = ImportResult(format_name, Counter())
        self._categories = ImportedCategories(user, project_id, ())
        self._are_categories_made = False

    def run(self, files: Files, read: Reader, report: Report) -> ImportResult:
        problems = Problems(self._listen, is_strict=self._options.is_strict)
        dataset = read(files, problems)
        self._categories = ImportedCategories(self._user, self._project_id, dataset.categories)
        self._result.counts["categories"] = len(dataset.categories)
        self._result.categories = dict.fromkeys((one.name for one in dataset.categories), 0)
        self._match_categories(problems)
        finder = ImageFinder(
            self._database,
            self._blobs,
            self._project_id,
            self._limits,
            lambda: read(files, Problems()).images,
            is_dry_run=self._options.is_dry_run,
        )
        expected = dataset.image_count or sum(1 for _ in files.names)
        seen = 0
        for batch in _batches(dataset):
            found = [finder.find(image, problems) for image in batch]
            if self._options.is_dry_run:
                self._count(found, problems)
            else:
                self._save(found, problems)
            seen += len(batch)
            # Not counted beforehand, there may be fewer images than files.
            report(
                min(seen / max(expected, seen + 1), 0.999), f"{seen} images", self._result.counts
            )
        if not seen and not problems.count:
            raise MalformedFile(f"There is no image in this dataset ({self._format_name}).")
        self._result.counts["problems"] = problems.count
        self._result.counts["notices"] = problems.notices
        self._result.counts = dict(self._result.counts)
        return self._result

    def _listen(self, problem: Problem) -> None:
        kept = self._result.notices if problem.is_notice else self._result.problems
        if len(kept) < PROBLEMS_KEPT:
            kept.append(problem)

    def _match_categories(self, problems: Problems) -> None:
        with self._database.read() as session:
            new = self._categories.match(session)
            if new and not self._options.is_dry_run:
                self._categories.may_make(session)
        for told, name in self._categories.renamed.items():
            detail = f"It is taken for the project's category {name!r}."
            problems.notice("", f"category {told!r}", detail)
        self._result.new_categories = tuple(one.name for one in new)
        self._result.counts["new_categories"] = len(new)
        self._are_categories_made = not new

    def _count(self, found: list[Found], problems: Problems) -> None:
        """What would be done."""
        self._result.counts["images"] += len(found)
        with self._database.read() as session:
            self._candidates(session, [one for one in found if one.row], problems)
        new = [one for one in found if one.row is None and one.sha256 is not None]
        self._result.counts["new_images"] += len(new)
        for one in new:
            size = one.size or (one.image.width, one.image.height)
            if self._is_of_size(one, size, problems):
                for number, annotation in enumerate(one.image.annotations):
                    if self._fitted(one.image, number, annotation, size, problems) is not None:
                        self._count_annotation(annotation)
                        self._result.counts["new_annotations"] += 1

    def _count_annotation(self, annotation: Annotation) -> None:
        name = self._categories.name(annotation.category_id)
        self._result.counts["annotations"] += 1
        self._result.categories[name] += 1

    def _save(self, found: list[Found], problems: Problems) -> None:
        with self._database.write() as session:
            # Whoever started this may be no member any more, and the project may be gone.
            require_role(session, self._user, self._project_id, "annotator")
            # Made with the first images, so that an import that fails leaves none.
            if not self._are_categories_made:
                self._categories.make(session)
                self._are_categories_made = True
            self._add_images(session, found, problems)
            there = [one for one in found if one.row is not None]
            wanted = {one.category_id for each in there for one in each.image.annotations}
            self._categories.hold(session, wanted)
            candidates = self._candidates(session, there, problems)
            add_annotations(session, self._user, candidates)

    def _add_images(self, session: Session, found: list[Found], problems: Problems) -> None:
        new = [one for one in found if one.new is not None]
        rows, _ = add_images(session, self._project_id, [one.new for one in new if one.new])
        by_sha256 = {row.sha256: row for row in rows}
        for one in new:
            one.row = by_sha256.get(one.sha256 or "") or session.scalar(
                select(ImageRow).where(
                    ImageRow.project_id == self._project_id, ImageRow.sha256 == one.sha256
                )
            )
        self._result.counts["images"] += len(found)
        self._result.counts["new_images"] += len(rows)
        # Others must not edit these meanwhile, and may have deleted some; SQLite has one writer anyhow.
        asked = sorted({one.row.id for one in found if one.row})
        statement = select(ImageRow).where(ImageRow.id.in_(asked)).order_by(ImageRow.id)
        locked = statement.with_for_update().execution_options(populate_existing=True)
        there = {row.id: row for row in session.scalars(locked)}
        for one in found:
            if one.row is None:
                continue
            one.row = there.get(one.row.id)
            if one.row is None:
                problems.add(
                    one.image.file_name,
                    "",
                    "The image was deleted while the import ran: its annotations are left out.",
                )
            else:
                one.row.split = one.row.split or split_name(one.image.split) or None
        session.flush()

    def _candidates(
        self, session: Session, found: list[Found], problems: Problems
    ) -> list[NewAnnotation]:
        """The annotations that are to be added; all are counted."""
        fitted: list[tuple[NewAnnotation, UUID | None, str]] = []
        ids = BatchIds(self._project_id, self._format_name)
        tops = highest_z_orders(session, [one.row.id for one in found if one.row])
        for one in found:
            row = one.row
            if row is None or not self._is_of_size(one, (row.width, row.height), problems):
                continue
            above = tops[row.id] + 1 if row.id in tops else None
            for number, annotation in enumerate(one.image.annotations):
                new = self._fitted(one.image, number, annotation, (row.width, row.height), problems)
                if new is None:
                    continue
                name = self._categories.name(annotation.category_id)
                own, derived = ids.of(row.id, one.image.file_name, annotation.id, name, new)
                z_order = annotation.z_order if above is None else min(above + number, _HIGHEST)
                placed = new._replace(id=derived, image_id=row.id, z_order=z_order)
                fitted.append((placed, own, self._categories.name(annotation.category_id)))
        asked = [one.id for one, _, _ in fitted] + [own for _, own, _ in fitted if own]
        known = known_annotations(session, asked)
        added: list[NewAnnotation] = []
        for new, own, category in fitted:
            self._result.counts["annotations"] += 1
            self._result.categories[category] += 1
            there = known.get(new.id)
            if there is None and own is not None:
                there = known.get(own)
                if there is None:
                    new = new._replace(id=own)
                elif there.annotation.image_id != new.image_id:
                    there = None  # the id is another project's: it gets one derived from it
            if there is None:
                added.append(new)
                self._result.counts["new_annotations"] += 1
            elif there.is_deleted:
                self._result.counts["deleted_here"] += 1
            elif _is_same(new, there.annotation):
                self._result.counts["unchanged"] += 1
            else:
                self._result.counts["changed_here"] += 1
        return added

    def _is_of_size(self, one: Found, size: tuple[int, int], problems: Problems) -> bool:
        wrong = other_size((one.image.width, one.image.height), size)
        if not wrong or not one.image.annotations:
            return True
        problems.add(one.image.file_name, "", wrong)
        return False

    def _fitted(
        self,
        image: DatasetImage,
        number: int,
        annotation: Annotation,
        size: tuple[int, int],
        problems: Problems,
    ) -> NewAnnotation | None:
        position = f"annotation {annotation.id or number + 1}"
        category_id = self._categories.id_of(annotation.category_id)
        if category_id is None and not self._options.is_dry_run:
            name = self._categories.name(annotation.category_id)
            problems.add(
                image.file_name,
                position,
                f"Its category {name!r} was deleted while the import ran, and only owners make categories.",
            )
            return None
        try:
            found = fit(annotation.segmentation, size[1], size[0])
        except InvalidSegmentation as error:
            problems.add(image.file_name, position, error.detail)
            return None
        if found.note:
            problems.notice(image.file_name, position, found.note)
        facts = fit_facts(annotation)
        for lost in facts.lost:
            problems.add(image.file_name, position, lost)
        return NewAnnotation(
            id=_NOWHERE,
            image_id=0,
            category_id=category_id or 0,
            segmentation=found.segmentation,
            bbox_xywh=found.bbox_xywh,
            area=found.area,
            iscrowd=annotation.iscrowd,
            z_order=annotation.z_order,
            source=SOURCE,
            score=facts.score,
            attributes=facts.attributes,
        )


def _batches(dataset: Dataset) -> Iterator[list[DatasetImage]]:
    batch: list[DatasetImage] = []
    count = 0
    for image in dataset.images:
        batch.append(image)
        count += len(image.annotations)
        if len(batch) >= _IMAGES_AT_ONCE or count >= _ANNOTATIONS_AT_ONCE:
            yield batch
            batch, count = [], 0
    if batch:
        yield batch


def _is_same(new: NewAnnotation, there: object) -> bool:
    return all(
        getattr(new, name) == getattr(there, name)
        for name in ("category_id", "segmentation", "iscrowd")
    )

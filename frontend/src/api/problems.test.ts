import { expect, test } from "vitest";
import { describeError, parseProblem, Unreachable } from "./problems";

test("a problem keeps its members, and its slug names what happened", () => {
  const problem = parseProblem(409, {
    type: "/docs/problems/stale-revision",
    title: "The annotation changed since you loaded it",
    status: 409,
    detail: "You sent revision 3.",
    current: [{ id: "a", revision: 4, deleted: true }],
  });
  expect(problem.slug).toBe("stale-revision");
  expect(problem.members.current).toEqual([{ id: "a", revision: 4, deleted: true }]);
  expect(describeError(problem)).toBe("You sent revision 3.");
});

test("the faults of a body are told with their places", () => {
  const problem = parseProblem(422, {
    type: "about:blank",
    title: "Invalid request",
    detail: "The body is not valid.",
    errors: [{ pointer: "#/name", detail: "too long" }],
  });
  expect(problem.detail).toBe("The body is not valid. #/name: too long");
});

test.each([null, "", "<html>Bad gateway</html>", [], { detail: 5 }])(
  "an answer that is no problem is still told in words: %j",
  (body) => {
    const problem = parseProblem(502, body);
    expect(problem.title).toBe("The server failed");
    expect(describeError(problem)).toContain("502");
  },
);

test("no answer at all is told in words", () => {
  expect(describeError(new Unreachable("x"))).toContain("does not answer");
  expect(describeError("odd")).toBe("odd");
});

// The pictures of the county: bars beside figures, and each department by its own score and the computed one.
import { drawn, made, points, toDepartment } from "./made.js";

const SIZE = 400;
const EDGE = 42;
const TOP = 30;
const APART = 19;

/** Draws a change as a bar to the right for a rise, to the left for a fall; `most` is the longest. */
export function change(value, most) {
  const inside = made("span", { class: "change-inside", "data-way": value < 0 ? "fall" : "rise" });
  inside.style.inlineSize = `${most ? (50 * Math.abs(value)) / most : 0}%`;
  return made("span", { class: "change", "aria-hidden": "true" }, inside);
}

/** How far a department's own score is above or below the computed one. */
const far = (each) => Math.abs(each.self_points - each.points);

/** Draws each department as a point, its own score across and the computed one up; those far off are numbered. */
export function scatter(scores) {
  const named = scores.filter((each) => each.named).sort((a, b) => far(b) - far(a));
  const lowest = Math.min(90, ...scores.flatMap((each) => [each.points, each.self_points]));
  const from = Math.max(0, Math.floor(lowest / 10) * 10);
  const place = (value) => EDGE + ((Math.min(100, value) - from) / (100 - from)) * (SIZE - EDGE - TOP);
  const at = ({ self_points: own, points: computed }) => [place(own), SIZE - place(computed)];
  const marks = [];
  for (let value = from; value <= 100; value += from < 40 ? 20 : 10) {
    const here = place(value);
    marks.push(
      drawn("line", { class: "grid", x1: EDGE, x2: SIZE - TOP, y1: SIZE - here, y2: SIZE - here }),
      drawn("line", { class: "grid", x1: here, x2: here, y1: TOP, y2: SIZE - EDGE }),
      drawn("text", { class: "tick", x: EDGE - 6, y: SIZE - here + 4, "text-anchor": "end" }, String(value)),
      drawn("text", { class: "tick", x: here, y: SIZE - EDGE + 16, "text-anchor": "middle" }, String(value)),
    );
  }
  const same = drawn("line", { class: "same", x1: place(from), y1: SIZE - place(from), x2: place(100), y2: SIZE - place(100) });
  const taken = [];
  const point = (each) => {
    const [x, cy] = at(each);
    const number = named.indexOf(each) + 1;
    let cx = x;
    while (number && taken.some(([left, top]) => Math.hypot(left - cx, top - cy) < APART)) {
      cx -= APART;
    }
    if (number) {
      taken.push([cx, cy]);
    }
    const told = `${each.department}：自评 ${points(each.self_points)}，核算 ${points(each.points)}`;
    return drawn(
      "g",
      { class: number ? "point named" : "point" },
      drawn("title", {}, told),
      cx !== x && drawn("line", { class: "lead-line", x1: x, x2: cx, y1: cy, y2: cy }),
      drawn("circle", { cx, cy, r: number ? 9 : 4.5 }),
      number > 0 && drawn("text", { x: cx, y: cy + 4, "text-anchor": "middle" }, String(number)),
    );
  };
  const drawing = drawn(
    "svg",
    { viewBox: `0 0 ${SIZE} ${SIZE}`, role: "img", "aria-label": "各部门的自评得分（横）与核算得分（纵）" },
    marks,
    same,
    drawn("text", { class: "axis", x: SIZE - TOP, y: SIZE - 6, "text-anchor": "end" }, "自评得分 →"),
    drawn("text", { class: "axis", x: EDGE - 24, y: 16 }, "↑ 核算得分"),
    [...scores.filter((each) => !each.named), ...named].map(point),
  );
  const item = (each) =>
    made("li", {}, toDepartment(each.department, each.short), made("span", { class: "faint" }, ` 自评 ${points(each.self_points)}，核算 ${points(each.points)}`));
  return [
    made("p", { class: "faint" }, "一点一个部门；斜线以下，自评高于核算。"),
    drawing,
    named.length ? made("ol", { class: "outliers" }, named.map(item)) : made("p", { class: "faint" }, "没有相差10分以上的部门。"),
  ];
}

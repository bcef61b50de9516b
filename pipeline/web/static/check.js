// A workbook that is dropped on any page: it is checked, and compared with what was there before.
import { comparison } from "./compare.js";
import { about, asked, made, points, Said, words } from "./made.js";
import { reportParts } from "./report.js";

const drop = document.getElementById("drop");
const file = document.getElementById("file");
const status = document.getElementById("status");
const result = document.getElementById("result");

const program = about();
program.catch((error) => say(words(error), "bad"));
let addresses = [];
let asking = null;
const checked = new Map();

file.addEventListener("change", () => take(file.files));
drop.addEventListener("submit", (event) => event.preventDefault());
// The whole window takes a file: one that misses the zone must not replace the page.
for (const name of ["dragenter", "dragover"]) {
  addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) {
    drop.classList.remove("over");
  }
});
addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  take(event.dataTransfer.files);
});

// What is folded is printed too.
addEventListener("beforeprint", () => {
  for (const each of document.querySelectorAll("details:not([open])")) {
    each.dataset.folded = "";
    each.open = true;
  }
});
addEventListener("afterprint", () => {
  for (const each of document.querySelectorAll("[data-folded]")) {
    delete each.dataset.folded;
    each.open = false;
  }
});

function say(text, tone = "") {
  status.dataset.tone = tone;
  status.textContent = text;
}

async function take(files) {
  const [chosen] = files;
  if (!chosen) {
    return;
  }
  asking?.abort();
  const mine = (asking = new AbortController());
  clear();
  if (files.length > 1) {
    say("请一次检查一份报表。", "bad");
    return;
  }
  document.body.classList.add("busy");
  say(`正在检查“${chosen.name}”……`, "busy");
  try {
    const { most } = await program;
    if (chosen.size > most) {
      throw new Said(`文件超过 ${most / 2 ** 20} MB；请删去图片等附带内容后再检查。`);
    }
    const sent = {
      method: "POST",
      headers: { "X-File-Name": encodeURIComponent(chosen.name), "Content-Type": "application/octet-stream" },
      body: chosen,
      signal: mine.signal,
    };
    const report = await asked("/check", sent);
    const before = await last(report);
    if (mine === asking) {
      show(report, before);
      fillDownloads(await asked("/workbooks", sent), mine);
    }
  } catch (error) {
    if (mine === asking) {
      say(words(error), "bad");
    }
  } finally {
    if (mine === asking) {
      document.body.classList.remove("busy");
      file.value = "";
    }
  }
}

/** Gives what the department's return came to before: as last checked here, else in the last run; null for neither. */
async function last(report) {
  if (report.reason) {
    return null;
  }
  const before = checked.get(report.department);
  checked.set(report.department, report);
  if (before) {
    return { report: before, against: `刚才检查的“${before.source_file}”` };
  }
  try {
    const found = await asked(`/department.json?name=${encodeURIComponent(report.department)}`);
    return found.reason ? null : { report: found, against: `${found.finished} 评价的“${found.source_file}”` };
  } catch {
    // No run yet, or none of this department.
    return null;
  }
}

function clear() {
  addresses.forEach((each) => URL.revokeObjectURL(each));
  addresses = [];
  result.hidden = true;
  result.replaceChildren();
}

function show(report, before) {
  if (report.reason) {
    say(`“${report.source_file}”不能作为${report.year}年度的报表读取：${report.reason}。`, "bad");
    return;
  }
  const total = report.scores.at(-1);
  const grade = report.grade + (report.provisional ? "（暂定）" : "");
  say(`${conclusion(report)}目前 ${points(total.points)} 分，${grade}。`, report.fit ? "good" : "bad");
  const under = made("p", { class: "downloads" }, made("span", { class: "faint" }, "正在写出可以下载的工作簿……"));
  const [verdict, ...others] = reportParts(report, under);
  // One report at a time: both have the same places.
  document.getElementById("about")?.replaceChildren();
  const compared = before ? [comparison(before.report, report, before.against)] : [];
  result.replaceChildren(verdict, ...compared, ...others);
  result.hidden = false;
  document.body.classList.add("shown");
}

function conclusion({ fit, counts, problems }) {
  if (!fit) {
    return `有 ${counts.error} 处错误，请改正后再报送。`;
  }
  if (counts.warning) {
    return `没有错误，可以报送；请先核对 ${counts.warning} 处提醒。`;
  }
  return problems.length ? "没有错误，可以报送。" : "没有发现问题，可以报送。";
}

/** Offers the workbooks about the form, which are written while the findings are read already. */
function fillDownloads(books, mine) {
  if (mine !== asking || result.hidden) {
    return;
  }
  const link = ({ what, name, content }, at) => {
    const bytes = Uint8Array.from(atob(content), (mark) => mark.charCodeAt(0));
    const type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    addresses[at] = URL.createObjectURL(new Blob([bytes], { type }));
    return made("a", { class: at ? "button plain" : "button", href: addresses[at], download: name }, `下载${what}`);
  };
  result.querySelector(".downloads").replaceChildren(...books.map(link));
}

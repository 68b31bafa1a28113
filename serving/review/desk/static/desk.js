// Shortcuts and the marking of words. Everything else works without this file.
import { initAll } from "./govuk-frontend.js";

initAll();

const OFF = "sendsafe-shortcuts-off";
const isOff = () => { try { return localStorage.getItem(OFF) === "yes"; } catch { return false; } };

const keysSwitch = document.getElementById("keys-switch");
if (keysSwitch) {
  const tell = () => { keysSwitch.textContent = isOff() ? "Switch shortcuts on" : "Switch shortcuts off"; };
  keysSwitch.hidden = false;
  keysSwitch.addEventListener("click", () => { localStorage.setItem(OFF, isOff() ? "no" : "yes"); tell(); });
  tell();
}

const press = (element) => {
  if (element instanceof HTMLDetailsElement) {
    element.open = true;
    element.querySelector("select, textarea, button").focus();
    return;
  }
  element.click();
  const then = document.getElementById(element.dataset.then ?? "");
  if (then) then.focus();
};

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("textarea, select, input:not([type=radio]):not([type=checkbox])");
  if (isOff() || isTyping || event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return;
  const element = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!element || (!(element instanceof HTMLInputElement) && element.offsetParent === null)) return;
  event.preventDefault();
  press(element);
});

const text = document.querySelector("[data-markable]");
if (text) {
  const spans = document.getElementById("spans");
  const list = document.getElementById("marked-list");
  const chooser = document.getElementById("mark-selection");
  const type = document.getElementById("mark-type");
  let chosen = null;

  // Places count code points of the message, as the server does; a character that is spelt out counts as the one it is.
  const placeOf = (node, offset) => {
    const holder = (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest("[data-start]");
    if (!holder || !text.contains(holder)) return null;
    const start = Number(holder.dataset.start);
    if (holder.dataset.end) return start;
    return node.nodeType === Node.TEXT_NODE ? start + [...node.data.slice(0, offset)].length : start;
  };

  const redraw = () => {
    list.replaceChildren();
    const marks = spans.value.split(" ").filter(Boolean);
    for (const mark of marks) {
      const [place, kind] = mark.split(":");
      const [start, end] = place.split("-").map(Number);
      const item = document.createElement("li");
      const words = document.createElement("bdi");
      words.textContent = wordsAt(start, end);
      const remove = document.createElement("button");
      remove.type = "button";
      remove.className = "desk-link";
      remove.textContent = "Take out";
      remove.addEventListener("click", () => { spans.value = marks.filter((each) => each !== mark).join(" "); redraw(); text.focus(); });
      item.append(words, ` (${type.querySelector(`option[value="${kind}"]`)?.textContent.toLowerCase() ?? kind}) `, remove);
      list.append(item);
    }
    document.getElementById("marked").hidden = marks.length === 0;
  };

  const wordsAt = (start, end) => {
    let words = "";
    for (const piece of text.querySelectorAll("[data-start]")) {
      const first = Number(piece.dataset.start);
      const characters = piece.dataset.end ? ["\u25a1"] : [...piece.textContent];
      words += characters.slice(Math.max(0, start - first), Math.max(0, end - first)).join("");
    }
    return words;
  };

  const choose = () => {
    const selection = document.getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return;
    const range = selection.getRangeAt(0);
    const start = placeOf(range.startContainer, range.startOffset);
    const end = placeOf(range.endContainer, range.endOffset);
    if (start === null || end === null || start >= end) return;
    chosen = [start, end];
    chooser.hidden = false;
  };

  document.addEventListener("selectionchange", choose);
  choose(); // what was selected before this file was there

  document.getElementById("mark-button").addEventListener("click", () => {
    if (!chosen) return;
    const mark = `${chosen[0]}-${chosen[1]}:${type.value}`;
    if (!spans.value.split(" ").includes(mark)) spans.value = `${spans.value} ${mark}`.trim();
    chosen = null;
    redraw();
    list.querySelector("li:last-child button").focus(); // before the button that has it goes
    chooser.hidden = true;
  });
  redraw();
}

document.body.dataset.ready = "yes";

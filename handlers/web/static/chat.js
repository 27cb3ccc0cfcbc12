// Makes the page smoother; everything works without it. Forms marked data-live are sent in the
// background, and what is new is put where it belongs. Nothing moves by itself except what is new.
"use strict";

const piece = document.getElementById("piece");
const composer = document.querySelector("[data-composer]");
const words = document.getElementById("text");
const byFinger = window.matchMedia("(pointer: coarse)").matches;
const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
const HEADERS = { "X-Piece": "1" };

const conversation = () => document.getElementById("conversation");
const notice = () => document.getElementById("notice");

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function say(sentence) {
  const line = document.createElement("p");
  line.textContent = sentence;
  notice().replaceChildren(...(sentence ? [line] : []));
}

// Keeps every turn that is the same, so that it is neither read out again nor loses the focus.
function show(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const fresh = page.getElementById("conversation");
  if (!fresh) return null;
  const log = conversation();
  const before = new Map();
  for (const turn of log.querySelectorAll("[data-turn]")) before.set(turn.dataset.turn, turn);
  let added = null;
  for (const turn of [...fresh.querySelectorAll("[data-turn]")]) {
    const old = before.get(turn.dataset.turn);
    before.delete(turn.dataset.turn);
    if (!old) {
      log.append(turn);
      added = added || turn;
      continue;
    }
    old.id = turn.id;
    for (const part of [".words", ".after"]) {
      const [was, is] = [old.querySelector(part), turn.querySelector(part)];
      if (was.innerHTML !== is.innerHTML) was.replaceWith(is);
    }
  }
  for (const gone of before.values()) gone.remove();
  log.dataset.version = fresh.dataset.version;
  say(page.getElementById("notice")?.textContent.trim() || "");
  return added;
}

async function send(form, button) {
  const fields = new URLSearchParams(new FormData(form));
  if (button?.name) fields.set(button.name, button.value);
  const response = await fetch(form.action, { method: "POST", body: fields, headers: HEADERS });
  const html = await response.text();
  const shown = html.includes('id="conversation"');
  if (!shown) {
    const page = new DOMParser().parseFromString(html, "text/html");
    say(page.querySelector("[data-sentence]")?.textContent || form.dataset.offline || "");
    return { done: false, added: null };
  }
  return { done: response.ok, added: show(html) };
}

async function submit(event) {
  const form = event.target.closest("form[data-live]");
  if (!form) return;
  event.preventDefault();
  if (form.getAttribute("aria-busy") === "true") return;
  form.setAttribute("aria-busy", "true");
  try {
    const { done, added } = await send(form, event.submitter);
    if (form === composer) {
      if (done) {
        words.value = "";
        composer.elements.key.value = newKey();
      }
      words.toggleAttribute("aria-invalid", !done);
      if (byFinger && done) words.blur();
      else words.focus();
    } else if (added) {
      added.focus({ preventScroll: true });
    }
    added?.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
  } catch {
    say(composer.dataset.offline);
  } finally {
    form.removeAttribute("aria-busy");
  }
}

// Enter sends, as people expect of a chat, but not the Enter that ends an input method's word, nor
// on a telephone, where it begins a new line.
function sendOnEnter(event) {
  const plain = event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.altKey;
  if (!plain || event.isComposing || event.keyCode === 229 || byFinger) return;
  event.preventDefault();
  if (words.value.trim()) composer.requestSubmit();
}

async function refresh() {
  const response = await fetch("/conversation", { headers: HEADERS });
  if (response.ok) show(await response.text());
}

function listen() {
  const source = new EventSource("/live?seen=" + conversation().dataset.version);
  source.addEventListener("change", (event) => {
    if (event.data !== conversation().dataset.version) refresh().catch(() => {});
  });
  // Refused for good (too many pages are open): look by itself, seldom.
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(() => refresh().catch(() => {}).finally(listen), 60_000);
    }
  });
  window.addEventListener("pagehide", () => source.close());
}

document.addEventListener("submit", submit);
words.addEventListener("keydown", sendOnEnter);
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});
listen();

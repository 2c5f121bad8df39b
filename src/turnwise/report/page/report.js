"use strict";
// Draws every chart from the specifications in the page, and uncovers an example when asked to.
const specs = JSON.parse(document.getElementById("specs").textContent);
for (const place of document.querySelectorAll("[data-spec]")) {
  // `ast`: expressions are interpreted, so the page needs no eval.
  vegaEmbed(place, specs[place.dataset.spec], { renderer: "svg", actions: false, ast: true }).catch((error) => {
    place.textContent = "This chart could not be drawn: " + error.message;
    console.error(error);
  });
}
for (const button of document.querySelectorAll("button[data-shows]")) {
  const text = document.getElementById(button.dataset.shows);
  button.addEventListener("click", () => {
    text.hidden = !text.hidden;
    button.setAttribute("aria-expanded", String(!text.hidden));
    button.textContent = text.hidden ? "Show text" : "Hide text";
  });
}

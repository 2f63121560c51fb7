// Starts the console. A file of its own, so that the page needs no script that stands in it.
import init from "./frontend.js";

init().catch((error) => {
  console.error(error);
  const notice = document.createElement("p");
  notice.setAttribute("role", "alert");
  notice.textContent = "The console could not be loaded. Reload the page.";
  document.body.append(notice);
});

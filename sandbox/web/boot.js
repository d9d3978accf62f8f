/** Takes the capability out of the address before anything else is loaded or drawn. */

/** @returns {string} the capability that stood behind the `#`, or an empty string */
function takeCapability() {
  const capability = location.hash.slice(1);
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
  return capability;
}

const capability = takeCapability();
const { comeIn } = await import("./entrance.js");
await comeIn(capability);

// The first line is never run.
try {
  const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
  file.initWithPath("PIPE");
  const out = Cc["@mozilla.org/network/file-output-stream;1"].createInstance(Ci.nsIFileOutputStream);
  out.init(file, 0x02, 0o600, 0); // write only
  const text = Cc["@mozilla.org/intl/converter-output-stream;1"].createInstance(Ci.nsIConverterOutputStream);
  text.init(out, "UTF-8");
  Services.console.registerListener({
    observe(message) {
      let category = "", content = "", source = "";
      if (message instanceof Ci.nsIScriptError) {
        category = message.category;
        content = message.errorMessage;
        source = message.sourceName;
      } else {
        content = message.message;
      }
      text.writeString(JSON.stringify({category, text: content, source}) + "\n");
      text.flush();
    },
    QueryInterface: ChromeUtils.generateQI(["nsIConsoleListener"]),
  });
} catch (error) {
  dump("listening to the console: " + error + "\n");
}

// The page of `stamped serve`: the report about its own assets, and what this visit downloaded.

import "./report.js";
import "./requests.js";

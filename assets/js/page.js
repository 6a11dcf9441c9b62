// The page of `stamped serve`: the report of its own assets, and what they cost this visit.

import "./report.js";
import "./requests.js";

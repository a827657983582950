-- wrk script: one call after the other, at places read from the file named by CALLS,
-- one JSON body a line.
local bodies = {}
for line in io.lines(os.getenv("CALLS")) do bodies[#bodies + 1] = line end
local asked = 0

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"

request = function()
  asked = asked + 1
  return wrk.format(nil, nil, nil, bodies[(asked - 1) % #bodies + 1])
end

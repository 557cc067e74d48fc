# Sorts commit subjects, one a line, into the sections of a changelog.

BEGIN {
    count = split("Breaking changes|Added|Fixed|Faster|Other", order, "|")
    section_of["feat"] = "Added"
    section_of["fix"] = "Fixed"
    section_of["perf"] = "Faster"
}

{
    section = "Other"
    entry = $0
    if (match($0, /^[A-Za-z]+(\([^)]*\))?!?: */)) {
        head = substr($0, 1, RLENGTH)
        entry = substr($0, RLENGTH + 1)
        type = head
        sub(/[^A-Za-z].*/, "", type)
        type = tolower(type)
        if (type in section_of) section = section_of[type]
        if (head ~ /!: *$/) section = "Breaking changes"
        if (match(head, /\([^)]+\)/)) {
            entry = "**" substr(head, RSTART + 1, RLENGTH - 2) "**: " entry
        }
    }
    entries[section] = entries[section] "- " entry "\n"
}

END {
    printf "## %s\n", title
    for (i = 1; i <= count; i++) {
        if (order[i] in entries) printf "\n### %s\n\n%s", order[i], entries[order[i]]
    }
}

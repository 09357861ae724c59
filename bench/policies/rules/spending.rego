# The rule of `examples/policies`, with the configuration of the benchmark.
package spending

maximum := {1: 1000000, 2: 50000000}

blocked := {3, 17}

is_open if {
	input.hour >= 6
	input.hour < 20
}

# One transfer: the rule that denies it.
default one := 0

one := 2 if {
	not is_open
} else := 3 if {
	input.transfer.amount > maximum[input.transfer.asset]
} else := 4 if {
	some tag in input.transfer.tags
	tag in blocked
}

# A batch: the places of what is denied, by rule.
batch := {"closed": true} if not is_open

batch := {"over": over, "tagged": tagged} if is_open

over := [place |
	some place, transfer in input.transfers
	transfer.amount > maximum[transfer.asset]
]

tagged := [place |
	some place, transfer in input.transfers
	some tag in transfer.tags
	tag in blocked
]

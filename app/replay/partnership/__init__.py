"""Winter 2021 made up again: five weeks in which police officers drove London's ambulances.

Everything is generated from figures that are listed with their sources, and from a seed. Another
seed gives other calls of the same kind. The two scenarios of one seed have the same calls and the
same luck and differ by the police-driven ambulances alone; without the police these are not on the
road, and their clinicians crew no others.
"""

"""At the root of the code archive: what the container's toolkit starts."""

from training.job import main

main()

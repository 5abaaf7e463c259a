/* Scenarios worth reading: a few machines, scripted, told as prose that a test compares. */
#ifndef BH_TESTS_SIM_STORY_H
#define BH_TESTS_SIM_STORY_H

#include <stdbool.h>
#include <stdio.h>

/* Tells the story of this name; false: there is none (then the names are told). */
bool bh_simstory_tell(const char *name, FILE *to);

#endif

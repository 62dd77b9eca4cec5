package io.election.testing.servers;

import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

/**
 * How a {@link SupervisedProcess} is looked after.
 *
 * @param withChildren whether its children are part of it: paused, resumed and killed
 * together with it
 * @param orphanSignal the signal it gets when this JVM is gone, SIGKILL follows soon
 * @param orphanFolder the folder that is deleted when this JVM is gone
 * @param log the file its output is appended to; {@code null} leaves it to
 * {@link SupervisedProcess#output()}
 */
record Supervision(boolean withChildren, String orphanSignal, @Nullable Path orphanFolder, @Nullable Path log) {

}

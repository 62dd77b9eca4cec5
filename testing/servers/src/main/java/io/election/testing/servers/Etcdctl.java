package io.election.testing.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * etcd's own command-line client, connected to a server or a cluster.
 */
public final class Etcdctl {

	private static final String ROOT = "root";

	private static final Pattern REVISION = Pattern.compile("\"revision\":(\\d+)");

	private final DebianInstallation installation;

	private final List<String> options;

	Etcdctl(DebianInstallation installation, List<String> options) {
		this.installation = installation;
		this.options = List.copyOf(options);
	}

	/**
	 * Return this client as another user.
	 * @param user the user's name
	 * @param password the user's password
	 * @return the client
	 */
	public Etcdctl as(String user, String password) {
		return with("--user=" + user, "--password=" + password);
	}

	/**
	 * Return this client with more options, such as {@code --command-timeout=1s}.
	 * @param added the options
	 * @return the client
	 */
	public Etcdctl with(String... added) {
		return new Etcdctl(this.installation, Stream.concat(this.options.stream(), Stream.of(added)).toList());
	}

	/**
	 * Run a command to its end, such as {@code put}.
	 * @param arguments the command and its arguments
	 * @return what it printed, without its warnings
	 */
	public String run(String... arguments) {
		try {
			Command command = Command.run(builder(arguments));
			if (!command.succeeded()) {
				throw new IllegalStateException("etcdctl " + String.join(" ", arguments) + ": " + command.text());
			}
			return command.output();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Ask for the revision that etcd is at.
	 * @return the revision
	 */
	public long revision() {
		Matcher matcher = REVISION.matcher(run("get", "--write-out=json", "any"));
		if (!matcher.find()) {
			throw new IllegalStateException("etcdctl tells no revision");
		}
		return Long.parseLong(matcher.group(1));
	}

	/**
	 * Start a command that goes on until it is ended, such as {@code elect}.
	 * @param arguments the command and its arguments
	 * @return the process: {@code sigterm()} ends it in order, {@code kill9()} does not
	 */
	public ConsoleProcess start(String... arguments) {
		try {
			return new ConsoleProcess(
					SupervisedProcess.start(builder(arguments), new Supervision(false, "KILL", null, null)), (line) -> {
					});
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Switch authentication on: nobody may do anything any more but {@code root}, and
	 * users who are added.
	 * @param password the password of {@code root}
	 * @return this client as {@code root}
	 */
	public Etcdctl enableAuthentication(String password) {
		run("user", "add", ROOT + ":" + password);
		run("user", "grant-role", ROOT, ROOT);
		run("auth", "enable");
		return as(ROOT, password);
	}

	/**
	 * Add a user who may read and write the keys of a prefix, and no other.
	 * @param name the user's name, and that of the user's role
	 * @param password the user's password
	 * @param prefix the prefix
	 */
	public void addUser(String name, String password, String prefix) {
		run("user", "add", name + ":" + password);
		run("role", "add", name);
		run("role", "grant-permission", "--prefix=true", name, "readwrite", prefix);
		run("user", "grant-role", name, name);
	}

	private ProcessBuilder builder(String... arguments) {
		List<String> command = new ArrayList<>(this.installation.command("usr/bin/etcdctl"));
		command.addAll(this.options);
		command.addAll(List.of(arguments));
		ProcessBuilder builder = new ProcessBuilder(command);
		builder.environment().keySet().removeIf((name) -> name.startsWith("ETCDCTL_"));
		// Debian's 3.4 would speak the old one
		builder.environment().put("ETCDCTL_API", "3");
		return builder;
	}

}

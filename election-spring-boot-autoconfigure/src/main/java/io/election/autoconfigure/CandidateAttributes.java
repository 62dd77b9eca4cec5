package io.election.autoconfigure;

import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

import io.election.store.Attributes;

import org.springframework.boot.info.BuildProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * What a candidate tells others about itself: where it can be reached and what it is,
 * unless the application tells otherwise. Asked when elections start, since a web server
 * may get its port only then.
 */
class CandidateAttributes implements Supplier<Map<String, String>> {

	/** The number of attributes that are told unless the application tells otherwise. */
	private static final int DEFAULTS = 4;

	private static final Set<String> EVERYWHERE = Set.of("0.0.0.0", "::", "[::]");

	private final Map<String, String> configured;

	private final ApplicationContext context;

	/**
	 * Creates attributes.
	 * @param configured those that the application has set; an empty one is not told
	 * @throws ElectionConfigurationException if they are too many or too long
	 */
	CandidateAttributes(Map<String, String> configured, ApplicationContext context) {
		String properties = "election.candidate.attributes";
		check(properties, configured.size(), "elements", Attributes.MOST - DEFAULTS);
		configured.forEach((key, value) -> {
			check("The key of " + properties + "." + key, key.length(), "characters", Attributes.LONGEST_KEY);
			check(properties + "." + key, value.length(), "characters", Attributes.LONGEST_VALUE);
		});
		this.configured = configured;
		this.context = context;
	}

	private static void check(String property, int given, String unit, int allowed) {
		if (given > allowed) {
			throw new ElectionConfigurationException(
					property + " has " + given + " " + unit + " but must have at most " + allowed + ".",
					"Change election.candidate.attributes.");
		}
	}

	@Override
	public Map<String, String> get() {
		Map<String, String> attributes = new TreeMap<>();
		Environment environment = this.context.getEnvironment();
		attributes.put("host", host(environment));
		attributes.put("port", environment.getProperty("local.server.port", ""));
		attributes.put("started", Instant.ofEpochMilli(this.context.getStartupDate()).toString());
		this.context.getBeanProvider(BuildProperties.class)
			.ifUnique((build) -> attributes.put("version", String.valueOf(build.getVersion())));
		attributes.putAll(this.configured);
		attributes.values().removeIf((value) -> !StringUtils.hasText(value));
		return attributes;
	}

	private static String host(Environment environment) {
		String bound = environment.getProperty("server.address", "");
		return (bound.isEmpty() || EVERYWHERE.contains(bound)) ? address() : bound;
	}

	/** An address of this machine at which others may reach it; no name is looked up. */
	private static String address() {
		try {
			return NetworkInterface.networkInterfaces()
				.sorted(Comparator.comparingInt(NetworkInterface::getIndex))
				.filter(CandidateAttributes::isUp)
				.flatMap(NetworkInterface::inetAddresses)
				.filter((address) -> !address.isLinkLocalAddress())
				.min(Comparator.comparing(InetAddress::isLoopbackAddress)
					.thenComparing((address) -> !(address instanceof Inet4Address)))
				.map(InetAddress::getHostAddress)
				.orElse("");
		}
		catch (SocketException | UncheckedIOException ex) {
			return "";
		}
	}

	private static boolean isUp(NetworkInterface network) {
		try {
			return network.isUp();
		}
		catch (SocketException ex) {
			return false;
		}
	}

}

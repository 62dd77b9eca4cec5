package io.election.autoconfigure;

import java.net.InetAddress;
import java.net.UnknownHostException;

import org.springframework.boot.system.ApplicationPid;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * The label of a candidate that was given none: the host and the process, so that people
 * find them. In Kubernetes the host is the pod.
 */
final class DefaultCandidateId {

	private DefaultCandidateId() {
	}

	static String get(Environment environment) {
		return host(environment) + "-" + new ApplicationPid();
	}

	private static String host(Environment environment) {
		// Asked first because the name service may take seconds to answer
		for (String variable : new String[] { "HOSTNAME", "COMPUTERNAME" }) {
			String name = environment.getProperty(variable);
			if (StringUtils.hasText(name)) {
				return name;
			}
		}
		try {
			return InetAddress.getLocalHost().getHostName();
		}
		catch (UnknownHostException ex) {
			return "localhost";
		}
	}

}

package io.election.autoconfigure;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.util.ClassUtils;

/**
 * Finds out how the DataSource of the application reaches its database: the one that is
 * marked with {@link ElectionDataSource}, or else the only or primary one.
 */
class DataSourceJdbcAccessSource implements JdbcAccessSource {

	private static final boolean HIKARI_PRESENT = isPresent("com.zaxxer.hikari.HikariDataSource")
			&& isPresent("org.springframework.boot.jdbc.DataSourceUnwrapper");

	private final ObjectProvider<DataSource> marked;

	private final ObjectProvider<DataSource> any;

	private final ListableBeanFactory beanFactory;

	/**
	 * Creates a source.
	 * @param marked data sources with {@link ElectionDataSource}
	 * @param any all data sources
	 * @param beanFactory tells their names
	 */
	DataSourceJdbcAccessSource(ObjectProvider<DataSource> marked, ObjectProvider<DataSource> any,
			ListableBeanFactory beanFactory) {
		this.marked = marked;
		this.any = any;
		this.beanFactory = beanFactory;
	}

	private static boolean isPresent(String className) {
		return ClassUtils.isPresent(className, DataSourceJdbcAccessSource.class.getClassLoader());
	}

	@Override
	public @Nullable JdbcAccess find() {
		List<DataSource> marked = this.marked.stream().toList();
		if (marked.size() > 1) {
			throw new ElectionConfigurationException("Several DataSources are marked with @ElectionDataSource.",
					"Mark one of the DataSources (%s), or set election.jdbc.url.".formatted(names()));
		}
		DataSource dataSource = marked.isEmpty() ? this.any.getIfUnique() : marked.get(0);
		JdbcAccess access = (dataSource != null) ? find(dataSource) : null;
		if (access == null && !marked.isEmpty()) {
			return new JdbcAccess("the @ElectionDataSource", marked.get(0));
		}
		return access;
	}

	private static @Nullable JdbcAccess find(DataSource dataSource) {
		JdbcAccess access = HIKARI_PRESENT ? HikariJdbcAccess.find(dataSource) : null;
		return (access != null) ? access : DataSourceProperties.find(dataSource);
	}

	@Override
	public @Nullable String obstacle() {
		String names = names();
		if (names.isEmpty() || find() != null) {
			return null;
		}
		return (this.any.getIfUnique() == null)
				? "there are several DataSources (%s), and none of them is primary or marked with @ElectionDataSource"
					.formatted(names)
				: "the DataSource (%s) does not tell its URL and password: mark it with @ElectionDataSource"
					.formatted(names) + " to have elections take two connections from it and keep them";
	}

	private String names() {
		return Arrays.stream(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(this.beanFactory, DataSource.class))
			.sorted()
			.collect(Collectors.joining(", "));
	}

}

(ns data-loader.main-test
  (:gen-class :implements [com.amazonaws.services.lambda.runtime.RequestStreamHandler]))
